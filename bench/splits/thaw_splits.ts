/**
 * thaw's side of the comparison: one split study on the images that export_images.ts has written.
 *
 *     deno run -A bench/splits/thaw_splits.ts --images FOLDER --model lite0 --splits classifier,features.8 --out FILE
 *
 * The images are in memory, preprocessed, before the clock runs, as on PyTorch's side; making the networks, the frozen
 * features and everything else is in the time. FILE (JSON) has the study and what it took.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { data, memoryInUse, type SplitOptions, studySplits } from "thaw";
import * as tf from "@tensorflow/tfjs";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    images: { type: "string" },
    model: { type: "string", default: "lite0" },
    weights: { type: "string" }, // a state dict in place of the model's own weights
    splits: { type: "string" },
    search: { type: "string", default: "grid" },
    epochs: { type: "string", default: "5" },
    seeds: { type: "string", default: "0" }, // with commas between
    rate: { type: "string", default: "0.01" },
    cache: { type: "boolean", default: true },
    "no-cache": { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const folder = values.images!;
const about = JSON.parse(await Deno.readTextFile(join(folder, "meta.json")));

/** One part of the data, as a tensor that lies in memory. */
async function part(name: string): Promise<data.LabelledDataset> {
  const { buffer } = await Deno.readFile(join(folder, `${name}.f32`));
  const labels = new Int32Array((await Deno.readFile(join(folder, `${name}.i32`))).buffer);
  const images = tf.tensor(new Float32Array(buffer), [labels.length, ...about[name].shape.slice(1)]);
  return data.fromTensors(images, labels, { classes: about.classes, name: `emoji (${name})` });
}

const [train, validation] = [await part("train"), await part("validation")];
const names: Record<string, string> = { lite0: "efficientnet_lite0", resnet18: "resnet18" };
const model = values.weights
  ? { model: names[values.model], checkpoint: values.weights }
  : { model: names[values.model], options: { weights: "DEFAULT" } };
const options: SplitOptions = {
  splits: values.splits?.split(","),
  search: values.search as "grid" | "halving",
  epochs: Number(values.epochs),
  seeds: values.seeds.split(",").map(Number),
  optimizer: "sgd", // with momentum 0.9, as on the other side
  learningRate: Number(values.rate),
  batchSize: 32,
  display: false,
  cache: !values["no-cache"],
};
const before = memoryInUse().bytes;
const start = performance.now();
const study = await studySplits(model, { name: "emoji", classes: about.classes, train, validation }, options);
const seconds = (performance.now() - start) / 1000;
const peakBytes = Math.max(...study.rows.map((row) => row.peakBytes)) - before;
await Deno.writeTextFile(values.out!, JSON.stringify({ seconds, peakBytes, ...study.toJSON() }, null, 1) + "\n");
console.log(`${seconds.toFixed(1)} s: ${study.summary}`);
