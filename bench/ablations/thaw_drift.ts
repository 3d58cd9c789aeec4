/**
 * thaw's side of the drift: a frozen, pretrained network whose batch norm goes on training while its head does.
 *
 *     deno run -A bench/ablations/thaw_drift.ts --images FOLDER --steps 20 --out FILE --start FOLDER
 *
 * The head is trained first, above the frozen network as it is by default. From there on the same steps are made twice: with
 * batch norm's statistics kept, and with `freeze(…, { batchNorm: "train" })`. The start folder gets what the other side needs
 * to make the same steps: `head.pth`, the head that both begin with, and `order.i32`, the images of each step.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type data, evaluate, fit, freeze, manualSeed, models, nn, save } from "thaw";
import * as tf from "@tensorflow/tfjs";
import { readImages } from "../splits/read_images.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    images: { type: "string" },
    steps: { type: "string", default: "20" },
    out: { type: "string" },
    start: { type: "string" },
  },
});
const steps = Number(values.steps), batchSize = 32, seed = 0;
const how = { batchSize, seed, optimizer: "sgd", learningRate: 0.01, restoreBest: false, display: false } as const;

/** The running statistics of one layer. */
interface Statistics {
  mean: Float32Array;
  variance: Float32Array;
}

/** The batch norms of a network in forward order, by name. */
function batchNorms(model: nn.Module): [string, nn.BatchNorm2d][] {
  return model.namedModules().filter((pair): pair is [string, nn.BatchNorm2d] => pair[1] instanceof nn.BatchNorm2d);
}

async function statisticsOf({ running_mean, running_var }: nn.BatchNorm2d): Promise<Statistics> {
  const [mean, variance] = await Promise.all([running_mean.value.data(), running_var.value.data()]);
  return { mean: mean as Float32Array, variance: variance as Float32Array };
}

/** How far the means have gone from where they began, in standard deviations at the start; the mean over the channels. */
function drift(now: Statistics, start: Statistics, eps: number): number {
  const far = now.mean.map((mean, c) => Math.abs(mean - start.mean[c]) / Math.sqrt(start.variance[c] + eps));
  return far.reduce((sum, one) => sum + one, 0) / far.length;
}

/** The positions of the images that the steps see, one after the other. */
async function orderOf(dataset: data.LabelledDataset): Promise<Int32Array<ArrayBuffer>> {
  const order: number[] = [];
  for await (const batch of dataset.batches({ batchSize, shuffle: true, seed })) {
    order.push(...batch.indices);
    tf.dispose([batch.images, batch.labels]);
  }
  return Int32Array.from(order.slice(0, steps * batchSize));
}

const emoji = await readImages(values.images!);
if (!(steps >= 1 && steps * batchSize <= emoji.train.length)) {
  const most = Math.floor(emoji.train.length / batchSize);
  throw new RangeError(`Cannot make ${values.steps} steps: expected from 1 to ${most}, one pass over the images`);
}
manualSeed(seed);
const model = await models.efficientnet_lite0({ weights: "DEFAULT", dropout: 0 });
model.classifier[1] = new nn.Linear(1280, emoji.classes.length);
const judge = async () => {
  const { accuracy, loss } = await evaluate(model, emoji.validation);
  return { accuracy, loss };
};

/** Makes the steps from where the network is; gives the loss of each. */
async function makeSteps(afterStep: () => Promise<void> = () => Promise.resolve()): Promise<number[]> {
  const losses: number[] = [];
  await fit(model, emoji, {
    ...how,
    epochs: 1,
    onStep: async ({ loss }, run) => {
      losses.push(loss);
      await afterStep();
      if (losses.length === steps) run.stop();
    },
  });
  return losses;
}

freeze(model, { until: "classifier" });
await fit(model, emoji, { ...how, epochs: 5 });
const start = model.stateDict();
const isHead = (name: string) => name.startsWith("classifier.1.");
await Deno.mkdir(values.start!, { recursive: true });
await save(
  start.filter(isHead).rename((name) => name.slice("classifier.1.".length)),
  join(values.start!, "head.pth"),
);
await Deno.writeFile(join(values.start!, "order.i32"), new Uint8Array((await orderOf(emoji.train)).buffer));

const validation: Record<string, { accuracy: number; loss: number }> = { before: await judge() };
const keptLosses = await makeSteps();
validation.kept = await judge();
model.loadStateDict(start);

freeze(model, { until: "classifier" }, { batchNorm: "train" });
const norms = batchNorms(model);
const first = await Promise.all(norms.map(([, norm]) => statisticsOf(norm)));
const layers = norms.map(([name]) => ({ name, drift: [] as number[] }));
const losses = await makeSteps(async () => {
  for (const [i, [, norm]] of norms.entries()) {
    layers[i].drift.push(drift(await statisticsOf(norm), first[i], norm.eps));
  }
});
validation.moved = await judge();
const last = await Promise.all(norms.map(([, norm]) => statisticsOf(norm)));
model.loadStateDict(start.filter(isHead), { strict: false });
validation.movedUnderFirstHead = await judge();

const results = {
  steps,
  batchSize,
  learningRate: how.learningRate,
  images: { train: emoji.train.length, validation: emoji.validation.length },
  validation,
  losses,
  keptLosses,
  layers: layers.map((layer, i) => ({ ...layer, mean: [...last[i].mean], variance: [...last[i].variance] })),
};
await Deno.writeTextFile(values.out!, JSON.stringify(results) + "\n");
console.log(validation);
