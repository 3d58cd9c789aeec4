/** Deno's Jupyter kernel with webgpu: cells like those of the first notebook, on a network and pictures that are small. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { plainText } from "../../../tools/notebook/notebook.ts";
import { runNotebook } from "../../../tools/notebook/run.ts";
import { PROJECT } from "../../../tools/setup/paths.ts";
import { missing } from "./webgpu_for_tests.ts";

const CELLS = [
  `import { data, engine, fit, freeze, manualSeed, nn, save, load } from "thaw";
import * as tf from "@tensorflow/tfjs";
manualSeed(1);
engine();`,
  `const model = new nn.Sequential(
  new nn.Conv2d(3, 8, 3, { stride: 2 }), new nn.ReLU(), new nn.AdaptiveAvgPool2d(1), new nn.Flatten(), new nn.Linear(8, 9),
);
model.stateDict();`,
  `const labels = Array.from({ length: 45 }, (_, i) => i % 3);
const noise = tf.randomUniform([45, 16, 16, 3], 0, 0.5, "float32", 1);
const pictures = tf.add(noise, tf.oneHot(tf.tensor1d(labels, "int32"), 3).reshape([45, 1, 1, 3]));
const split = data.fromTensors(pictures, labels).split({ validation: 0.2, seed: 1 });
split;`,
  `model[4] = new nn.Linear(8, 3);
freeze(model, { until: "4" });`,
  `const run = await fit(model, split, { epochs: 20, learningRate: 0.1 });`,
  `await save(model.stateDict(), "webgpu.safetensors");
const again = new nn.Sequential(...model);
again.loadStateDict(await load("webgpu.safetensors"));`,
  `console.log("best:", run.best.epoch, (await again.eval().forward(pictures).argMax(1).data()).join(""));`,
];

Deno.test({
  name: "the kernel computes on webgpu: tables, curves, files and answers come as from any engine",
  ignore: missing !== undefined,
  async fn() {
    const folder = join(PROJECT, "out", "test", "webgpu");
    await Deno.mkdir(folder, { recursive: true });
    const path = join(folder, "head.ipynb");
    const cells = CELLS.map((source, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    }));
    const metadata = { kernelspec: { name: "thaw", display_name: "thaw", language: "typescript" } };
    await Deno.writeTextFile(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
    const env = { THAW_ENGINE: "webgpu" };
    const { error, cells: ran } = await runNotebook(path, { out: join(folder, "head-run.ipynb"), env, timeout: 240 });
    assertEquals(error, undefined);
    const texts = ran.map(plainText);
    assertStringIncludes(texts[0], "thaw computes on webgpu");
    assertStringIncludes(texts[1], "0.weight");
    assertMatch(texts[4], /best validation accuracy \d/);
    assertStringIncludes(texts[5], "All 4 entries loaded");
    assertMatch(texts[6], /best: \d+ (012){15}/);
    const errors = ran.flatMap(({ outputs }) => outputs).filter(({ name }) => name === "stderr");
    assertEquals(errors, []);
  },
});
