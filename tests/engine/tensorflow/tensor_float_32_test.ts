import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { engine, usePrecision } from "../../../lib/engine/mod.ts";
import { setTensorFloat32, tensorFloat32 } from "../../../lib/engine/tensorflow/tensor_float_32.ts";
import { withEnvironment } from "../environment.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

await tensorflowBackend();
const library = engine().library!;
const folder = library.replace(/[^/\\]*$/, "");
const framework = [...Deno.readDirSync(folder)].map(({ name }) => name).find((name) => /_framework/.test(name));
const control = tensorFloat32({ main: library, framework: framework && folder + framework });

Deno.test("TensorFlow's switch for TF32 is off in float32 and bfloat16, and on in tf32", () => {
  assert(control, "this TensorFlow has no switch");
  assertEquals(control.enabled(), false);
  usePrecision("tf32");
  assertEquals(control.enabled(), true);
  usePrecision("bfloat16");
  assertEquals(control.enabled(), false);
  usePrecision("float32");
  assertEquals(control.enabled(), false);
});

Deno.test("a card that may not use TF32 says so", () =>
  withEnvironment({ NVIDIA_TF32_OVERRIDE: "0" }, () => {
    const switches: boolean[] = [];
    const fake = { enable: (on: boolean) => void switches.push(on), enabled: () => false };
    const error = assertThrows(() => setTensorFloat32(true, fake, true), Error);
    assertEquals(
      error.message,
      "Cannot compute in tf32: expected NVIDIA_TF32_OVERRIDE not to be 0, found 0; unset it before the start",
    );
    setTensorFloat32(false, undefined, true); // no switch, but nothing to be switched either
    setTensorFloat32(true, fake, false); // no card
    assertEquals(switches, [true, true]);
  }));

Deno.test("a build without the switch says on a card that it computes in tf32", () =>
  withEnvironment({ NVIDIA_TF32_OVERRIDE: undefined }, () => {
    const said: string[] = [];
    const before = console.error;
    console.error = (text: string) => void said.push(text);
    try {
      setTensorFloat32(false, undefined, false);
      setTensorFloat32(true, undefined, true);
      assertEquals(said, []);
      setTensorFloat32(false, undefined, true);
    } finally {
      console.error = before;
    }
    assertEquals(said.length, 1);
    assertMatch(said[0], /no switch for it. For float32 set NVIDIA_TF32_OVERRIDE=0 before the start$/);
  }));

Deno.test("a library without either name has no switch", { ignore: Deno.build.os !== "linux" }, () => {
  assertEquals(tensorFloat32({ main: "libc.so.6" }), undefined);
});
