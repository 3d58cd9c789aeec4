import { assertEquals } from "@std/assert";
import { type AdapterFacts, findAdapter, judge } from "../../../lib/engine/webgpu/adapter.ts";
import { withEnvironment } from "../environment.ts";
import { runThaw } from "../process.ts";
import { missing } from "./webgpu_for_tests.ts";

const facts = (some: Partial<AdapterFacts>): AdapterFacts => ({
  vendor: "",
  architecture: "",
  device: "",
  description: "",
  ...some,
});

Deno.test("a program on the processor is told from a card by its name, or because its driver says so", () => {
  const cards = ["NVIDIA GeForce RTX 4070", "AMD Radeon RX 7800 XT (RADV NAVI32)", "Intel(R) Arc(tm) A770", "Apple M3"];
  for (const description of cards) {
    assertEquals(judge(facts({ description })), { name: description, software: false });
  }
  const programs = [
    "llvmpipe (LLVM 15.0.6, 256 bits)",
    "Google SwiftShader",
    "SwiftShader Device (LLVM 10.0.0)",
    "Microsoft Basic Render Driver",
    "lavapipe",
    "softpipe",
  ];
  for (const description of programs) {
    assertEquals(judge(facts({ description })), { name: description, software: true });
  }
  assertEquals(judge(facts({ description: "Card X", isFallbackAdapter: true })), { name: "Card X", software: true });
});

Deno.test("an adapter without a description is named by what else is known", () => {
  assertEquals(judge(facts({ vendor: "apple", architecture: "common-3" })).name, "apple common-3");
  assertEquals(judge(facts({ vendor: "4318", device: "0" })).name, "4318");
  assertEquals(judge(facts({})).name, "an adapter without a name");
});

Deno.test("looking for an adapter leaves the environment as it was", async () => {
  await withEnvironment({ XDG_RUNTIME_DIR: undefined, NODEVICE_SELECT: undefined }, async () => {
    await findAdapter();
    assertEquals(Deno.env.get("NODEVICE_SELECT"), undefined);
  });
  await withEnvironment({ XDG_RUNTIME_DIR: undefined, NODEVICE_SELECT: "0" }, async () => {
    await findAdapter();
    assertEquals(Deno.env.get("NODEVICE_SELECT"), "0");
  });
});

Deno.test({
  name: "where there is no display, nothing is said of it",
  ignore: missing !== undefined,
  async fn() {
    const { code, err } = await runThaw(
      `import { findAdapter } from "./lib/engine/webgpu/adapter.ts"; console.log(typeof await findAdapter());`,
      { XDG_RUNTIME_DIR: undefined, WAYLAND_DISPLAY: undefined, DISPLAY: undefined, NODEVICE_SELECT: undefined },
    );
    assertEquals({ code, err }, { code: 0, err: "" });
  },
});
