/**
 * thaw's side of the comparison: one split study on the images that export_images.ts has written.
 *
 *     deno run -A bench/splits/thaw_splits.ts --images FOLDER --model lite0 --splits classifier,features.8 --out FILE
 *
 * The images are in memory, preprocessed, before the clock runs, as on PyTorch's side; making the networks, the frozen
 * features and everything else is in the time. FILE (JSON) has the study and what it took.
 */
import { parseArgs } from "node:util";
import { memoryInUse, type SplitOptions, studySplits } from "thaw";
import { readImages } from "./read_images.ts";

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
const emoji = await readImages(values.images!);
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
const study = await studySplits(model, emoji, options);
const seconds = (performance.now() - start) / 1000;
const peakBytes = Math.max(...study.rows.map((row) => row.peakBytes)) - before;
await Deno.writeTextFile(values.out!, JSON.stringify({ seconds, peakBytes, ...study.toJSON() }, null, 1) + "\n");
console.log(`${seconds.toFixed(1)} s: ${study.summary}`);
