import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { engine, useEngine } from "../../../lib/engine/mod.ts";
import type { Adapter } from "../../../lib/engine/webgpu/adapter.ts";
import { makeWebgpu } from "../../../lib/engine/webgpu/rung.ts";
import { engines } from "../../engine_for_tests.ts";
import { runThaw } from "../process.ts";
import { missing, onWebgpu } from "./webgpu_for_tests.ts";

const adapter = (name: string, software: boolean) => () => Promise.resolve({ name, software } as Adapter);

Deno.test("a card is taken by itself, a program on the processor is not, and neither is nothing", async () => {
  assertEquals(await makeWebgpu(adapter("Card X", false)).unfit!(), undefined);
  assertEquals(
    await makeWebgpu(adapter("llvmpipe", true)).unfit!(),
    "no graphics card was found; llvmpipe computes on the processor, slower than the rungs below",
  );
  const none = makeWebgpu(() => Promise.resolve("this Deno has no WebGPU"));
  assertEquals(await none.unfit!(), "this Deno has no WebGPU");
  await assertRejects(() => none.start(), Error, "this Deno has no WebGPU");
});

onWebgpu("webgpu is taken when asked for, whatever computes", async () => {
  const report = await useEngine("webgpu");
  assertEquals([report.backend, tf.getBackend()], ["webgpu", "webgpu"]);
  assertEquals(report.version, "tfjs-backend-webgpu 4.22.0");
  assert(report.device.length > 0);
});

/** What a process without TensorFlow computes with. */
async function engineOf(env: Record<string, string | undefined>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "python3"), "#!/bin/sh\necho\n", { mode: 0o755 });
    const { code, out, err } = await runThaw(
      `import { engine } from "./lib/engine/mod.ts";
      import * as tf from "@tensorflow/tfjs";
      console.log(JSON.stringify({ ...engine(), sum: (await tf.sum(tf.ones([4])).data())[0] }));`,
      {
        ...{ THAW_LIBTENSORFLOW: undefined, THAW_ENGINE: undefined, THAW_CACHE: folder, PATH: folder },
        ...{ XDG_RUNTIME_DIR: undefined, ...env },
      },
    );
    assertEquals(code, 0, err);
    return { ...JSON.parse(out), err };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("without TensorFlow webgpu is the next rung where there is a card, and passed by where there is none", async () => {
  const { backend, rungs, sum, err } = await engineOf({});
  const [, own] = rungs;
  assertEquals([own.name, sum], ["webgpu", 4]);
  if (backend === "webgpu") assertEquals(own, { name: "webgpu", taken: true, reason: "the best that can be had here" });
  else {
    assertEquals([backend, own.taken], ["wasm", false]);
    assert(/^no graphics card was found|WebGPU/.test(own.reason), own.reason);
  }
  assert(err.startsWith(`thaw computes on ${backend}, `) && !err.includes("\n"), err);
});

Deno.test({
  name: "THAW_ENGINE=webgpu takes webgpu, and says nothing of it",
  ignore: missing !== undefined,
  async fn() {
    const { backend, sum, err } = await engineOf({ THAW_ENGINE: "webgpu" });
    assertEquals({ backend, sum, err }, { backend: "webgpu", sum: 4, err: "" });
  },
});

Deno.test({
  name: "where the card is gone, whoever uses its tensors is told, and another rung can be taken as the error says",
  ignore: missing !== undefined,
  async fn() {
    const { code, out, err } = await runThaw(
      `import { engine, useEngine } from "./lib/engine/mod.ts";
      import * as tf from "@tensorflow/tfjs";
      const told = async (use) => {
        try {
          return await use();
        } catch (error) {
          return error.message;
        }
      };
      const x = tf.tidy(() => tf.mul(tf.range(0, 2000), 1));
      tf.backend().device.destroy();
      await tf.backend().device.lost;
      const read = await told(() => x.data()), used = await told(() => tf.add(x, 1));
      const { backend } = await useEngine("wasm");
      const moved = await told(() => tf.add(x, 1));
      x.dispose();
      const sum = (await tf.sum(tf.ones([4])).data())[0];
      console.log(JSON.stringify({ read, used, backend, moved, sum }));`,
      { THAW_ENGINE: "webgpu" },
    );
    assertEquals(code, 0, err);
    const gone =
      "Cannot compute on webgpu any more: the card is gone (device was lost); start the kernel again, or go to " +
      'another rung with new tensors: await useEngine("wasm")';
    assertEquals(JSON.parse(out), { read: gone, used: gone, backend: "wasm", moved: gone, sum: 4 });
  },
});

onWebgpu("tensors that webgpu computed go on elsewhere, and come back", async () => {
  const onCard = tf.tidy(() => tf.mul(tf.range(0, 1000), 2));
  await useEngine("cpu");
  const there = tf.tidy(() => tf.add(onCard, 1));
  assertEquals([...(await there.data()).slice(0, 3)], [1, 3, 5]);
  await useEngine("webgpu");
  const back = tf.tidy(() => tf.add(tf.mul(there, 2), onCard));
  assertEquals([...(await back.data()).slice(0, 3)], [2, 8, 14]);
  assertEquals(engine().backend, "webgpu");
  tf.dispose([onCard, there, back]);
});

onWebgpu("what the network computes does not change by the way through another engine", async () => {
  const x = tf.tidy(() => tf.relu(tf.sub(tf.range(0, 512), 256)));
  const before = [...await x.data()];
  await useEngine(engines.at(-1)!);
  assertEquals([...await x.data()], before);
  await useEngine("webgpu");
  x.dispose();
});
