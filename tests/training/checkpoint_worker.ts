/**
 * Trains one of a few small networks with checkpoints, in a process that the test kills. Arguments: which, the folder.
 * Says `training` once it begins and its history, as JSON, at the end.
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import "../engine_for_tests.ts"; // wasm has no gradients of convolutions
import {
  cosine,
  data,
  fit,
  type FitOptions,
  freeze,
  manualSeed,
  nn,
  oneCycle,
  plateau,
  save,
  unfreezeSchedule,
} from "../../mod.ts";

const [which, folder] = Deno.args;
manualSeed(7);
const count = 120;
const labels = Array.from({ length: count }, (_, i) => i % 3);
const x = tf.tidy(() => {
  const noise = tf.randomNormal([count, 6, 6, 3], 0, 1, "float32", 5);
  return tf.add(noise, tf.reshape(tf.oneHot(labels, 3), [count, 1, 1, 3]));
}) as tf.Tensor4D;
const split = data.fromTensors(x, labels, { name: "pictures" }).split({ validation: 0.25, seed: 1 });
manualSeed(Number(Deno.env.get("WORKER_SEED") ?? 1));
const model = new nn.Sequential(
  new nn.Conv2d(3, 8, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(8),
  new nn.ReLU(),
  new nn.AdaptiveAvgPool2d(1),
  new nn.Flatten(),
  new nn.Linear(8, 16),
  new nn.ReLU(),
  new nn.Dropout(0.4),
  new nn.Linear(16, 3),
);
const ways: Record<string, FitOptions> = {
  adam: { optimizer: "adamw", learningRate: 0.01, schedule: cosine({ warmup: 4 }), accumulate: 2, mixup: 0.2 },
  momentum: { optimizer: "sgd", learningRate: 0.05, schedule: oneCycle(), flip: true, clip: { norm: 1 } },
  thawing: { optimizer: "adam", learningRate: 0.01, unfreeze: unfreezeSchedule(model, { every: 2 }) },
  head: { optimizer: "adam", learningRate: 0.03, schedule: plateau({ patience: 0, threshold: 0.01, factor: 0.5 }) },
};
if (which === "head") freeze(model, { until: "5" });
let saying = false;
nn.onForward(model.get("8"), () => {
  if (!saying) console.log("training");
  saying = true;
});
const run = await fit(model, split, {
  ...ways[which],
  epochs: 8,
  batchSize: 16,
  display: false,
  restoreBest: false,
  checkpoint: folder,
  resume: true,
  checkpointEvery: { steps: 1 },
});
await save(model.stateDict(), join(folder, "last.pth"));
await save(run.best!.stateDict, join(folder, "best.pth"));
console.log(JSON.stringify({ history: run.history, best: run.best!.epoch }));
