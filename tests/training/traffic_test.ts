import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { LabelledDataset } from "../../lib/data/dataset.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import type { TensorflowBackend } from "../../lib/engine/tensorflow/backend.ts";
import type { Traffic } from "../../lib/engine/tensorflow/traffic.ts";
import { evaluate, fit, type FitOptions, freeze, models } from "../../mod.ts";
import { picture, plain } from "../data/support.ts";
import { onTensorFlow } from "../engine/tensorflow/kernels/agreement.ts";
import { release } from "../tensors.ts";

const SIDE = 32;
const transforms = { ...plain, resize: [SIDE, SIDE] as [number, number] };

/** Six pictures of two classes. */
function pictures(): LabelledDataset {
  const samples = pictureSamples(Array.from({ length: 6 }, (_, i) => picture(SIDE, SIDE, [40 * i, 0, 255 - 40 * i])));
  return new LabelledDataset(samples, { name: "colors", classes: ["a", "b"], labels: [0, 1, 0, 1, 0, 1] });
}

const { traffic } = (tf.findBackend("tensorflow") as TensorflowBackend | null)?.binding ?? {};

/** What crosses between reading one loss and the next, in a training of one epoch with three steps. */
async function trafficOf(freezeUntil: string | undefined, options: Partial<FitOptions> = {}) {
  const model = models.resnet18({ numClasses: 2 });
  if (freezeUntil) freeze(model, { until: freezeUntil });
  const sums: Traffic["sums"][] = [];
  const run = await fit(model, pictures(), {
    ...{ epochs: 1, batchSize: 2, transforms, optimizer: "sgd", display: false, restoreBest: false },
    ...options,
    onStep: () => void sums.push(traffic!.sums),
  });
  release(model, run.best!.stateDict);
  return sums.slice(1).map((one, i) => ({
    reads: one.reads - sums[i].reads,
    uploads: one.uploads - sums[i].uploads,
    bytes: one.uploadBytes - sums[i].uploadBytes,
  }));
}

const pixels = 4 * 2 * SIDE * SIDE * 3;
const labels = 4 * 2;

onTensorFlow("from one loss to the next only the loss is read, and only the next batch brought", async () => {
  // The batch of the last step was brought before the loss of the one before was waited for.
  const expected = [{ reads: 1, uploads: 2, bytes: pixels + labels }, { reads: 1, uploads: 0, bytes: 0 }];
  assertEquals(await trafficOf(undefined), expected);
  assertEquals(await trafficOf("layer4", { cache: false }), expected, "with what is frozen computed each time");
});

onTensorFlow("TensorFlow itself finds nothing on the wrong side in a training and an evaluation", async () => {
  const { binding } = tf.findBackend("tensorflow") as TensorflowBackend;
  const model = models.resnet18({ numClasses: 2 });
  binding.refuseSilentCopies(true); // without a card there is but one side
  try {
    const settings = { batchSize: 2, transforms, display: false, labelSmoothing: 0.1, mixup: 0.2, clip: { norm: 1 } };
    const run = await fit(model, pictures(), { ...settings, epochs: 1 });
    await evaluate(model, pictures(), { batchSize: 2, transforms });
    release(model, run.best!.stateDict);
  } finally {
    binding.refuseSilentCopies(false);
  }
});

onTensorFlow("of cached features only the numbers of the rows are brought, and the labels", async () => {
  const rows = 4 * 2;
  const expected = [{ reads: 1, uploads: 2, bytes: rows + labels }, { reads: 1, uploads: 0, bytes: 0 }];
  assertEquals(await trafficOf("layer4"), expected);
});

onTensorFlow("Adam brings at most the three numbers that change with each step", async () => {
  for (const { reads, bytes } of await trafficOf(undefined, { optimizer: "adam" })) {
    assertEquals(reads, 1);
    const batch = bytes < pixels ? 0 : pixels + labels;
    assert(bytes - batch <= 3 * 4, `${bytes} bytes`); // numbers of steps that another training has made are there already
  }
});

onTensorFlow("an evaluation reads the logits and the loss of each batch, no labels", async () => {
  const model = models.resnet18({ numClasses: 2 });
  await evaluate(model, pictures(), { batchSize: 3, transforms });
  const before = traffic!.sums;
  await evaluate(model, pictures(), { batchSize: 3, transforms });
  assertEquals(traffic!.reads - before.reads, 2 * 2);
  assertEquals(traffic!.readBytes - before.readBytes, 4 * (6 * 2 + 2));
  assertEquals(traffic!.uploads - before.uploads, 2 * 2);
  release(model);
});
