import { assertEquals } from "@std/assert";
import { runThaw } from "../../process.ts";
import { tensorflowBackend } from "../tensorflow_for_tests.ts";
import type { Watched } from "./watched_training.ts";

await tensorflowBackend(); // says what to do where there is none

/** Trains in a process whose TensorFlow has no oneDNN ops, as on a card. */
async function watch(...trainings: unknown[][]): Promise<Watched[]> {
  const { code, out, err } = await runThaw(
    `import { watchTraining } from "./tests/engine/tensorflow/gpu/watched_training.ts";
     const found = [];
     for (const training of ${JSON.stringify(trainings)}) found.push(await watchTraining(...training));
     console.log(JSON.stringify(found));`,
    { THAW_ENGINE: "tensorflow", TF_ENABLE_ONEDNN_OPTS: "0" },
  );
  assertEquals(code, 0, err);
  return JSON.parse(out);
}

/** In words: `upload [2] int32`, and whose doing it is where an op found an input on the wrong side. */
function inWords(crossings: Watched["evaluation"]): string[] {
  return crossings.map(({ kind, op, what }) => op ? `${kind} ${what} for ${op}` : `${kind} ${what}`);
}

const networks: [string, number, object?][] = [
  ["resnet18", 64],
  ["efficientnet_lite0", 64],
  ["vit_b_16", 32, { imageSize: 32 }],
  ["swin_v2_t", 64],
];

Deno.test("on a card nothing but the next batch and the loss would cross in a training step, and no op run on the CPU", async () => {
  const found = await watch(...networks);
  networks.forEach(([name, side], i) => {
    const { steps, evaluation } = found[i];
    const batch = (count: number) => [`upload [${count}, ${side}, ${side}, 3] float32`, `upload [${count}] int32`];
    const loss = "read [2] float32"; // with the number of right answers
    assertEquals(steps.map(inWords), [[...batch(2), loss], [...batch(2), loss], [loss]], name);
    const scores = ["read [4, 4] float32", "read [] float32"];
    // The second batch is brought before the scores of the first are waited for.
    assertEquals(inWords(evaluation), [...batch(4), ...batch(4), ...scores, ...scores], `${name}, evaluated`);
  });
});

Deno.test("what fit can do beyond plain steps would bring single numbers to a card, and who is mixed with whom", async () => {
  const weighted = { labelSmoothing: 0.1, classWeights: [1, 2, 3, 4], accumulate: 2 };
  const mixed = { mixup: 0.2, optimizer: "adamw", clip: { norm: 1, value: 0.5 }, schedule: "cosine", flip: true };
  const found = await watch(["resnet18", 32, {}, weighted], ["resnet18", 32, {}, mixed]);
  for (const { steps } of found) {
    const others = steps.flatMap(inWords).filter((one) => !/^upload \[(2, 32, 32, 3|)\] float32$/.test(one));
    for (const one of new Set(others)) {
      assertEquals(/^(upload \[2\] int32|read \[[23]\] float32)$/.test(one), true, one);
    }
    assertEquals(others.filter((one) => one.startsWith("read")).length, steps.length);
  }
});
