/**
 * Writes what a network gets from thaw's emoji to a folder, so that another program can train on the same numbers:
 *
 *     deno run -A bench/splits/export_images.ts --model lite0 --size 128 --out FOLDER
 *
 * For each of `train` and `validation` (a fifth of every class unless `--validation` says another share, seed 1): NAME.f32,
 * float32 `[N, H, W, 3]` as the model's transforms make them, and NAME.i32, the labels. `logits.f32` holds what the
 * pretrained network says of the first validation pictures, by which the other side can tell that its network is the
 * same. meta.json says what is in them. All numbers are little-endian and without a header.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { data, load, models, type nn } from "thaw";
import * as tf from "@tensorflow/tfjs";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    model: { type: "string", default: "lite0" },
    size: { type: "string", default: "128" }, // of the network's input, in pixels
    resize: { type: "string" }, // of the picture before the crop; the same unless given
    images: { type: "string" }, // how many emoji; all unless given
    validation: { type: "string", default: "0.2" }, // the share of them that is held out
    weights: { type: "string" }, // a state dict in place of the model's own weights
    out: { type: "string" },
  },
});

const names: Record<string, string> = { lite0: "efficientnet_lite0", resnet18: "resnet18" };
if (!Object.hasOwn(names, values.model) || !values.out) {
  throw new TypeError(
    `Cannot export images: expected --model ${Object.keys(names).join(" or ")} and --out FOLDER, found ` +
      Deno.args.join(" "),
  );
}
const name = names[values.model];
const out = values.out;
const crop = Number(values.size);
const transforms: data.Transforms = {
  ...models.info(name).weights.DEFAULT.transforms,
  resize: Number(values.resize ?? values.size),
  crop,
};
const division = { validation: Number(values.validation), seed: 1 };
const batchSize = 32;

/** Writes one part of the data and gives its shape and how long it took, in seconds. */
async function exportPart(part: data.LabelledDataset, name: string): Promise<{ shape: number[]; seconds: number }> {
  const start = performance.now();
  using file = await Deno.open(join(out, `${name}.f32`), { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  for await (const batch of part.batches({ batchSize, transforms })) {
    await writer.write(bytesOf(await batch.images.data() as Float32Array));
    tf.dispose([batch.images, batch.labels]);
  }
  await Deno.writeFile(join(out, `${name}.i32`), bytesOf(part.labels));
  return { shape: [part.length, crop, crop, 3], seconds: (performance.now() - start) / 1000 };
}

/** The pretrained network, whose head still tells ImageNet's classes apart. */
async function pretrained(): Promise<nn.Module> {
  if (values.weights === undefined) return await models.get(name, { weights: "DEFAULT" });
  const model = await models.get(name);
  model.loadStateDict(await load(values.weights));
  return model;
}

/** What the pretrained network says of the first batch; gives the shape. */
async function exportLogits(part: data.LabelledDataset): Promise<number[]> {
  const model = (await pretrained()).eval();
  for await (const batch of part.batches({ batchSize, transforms })) {
    const logits = model.forward(batch.images);
    await Deno.writeFile(join(out, "logits.f32"), bytesOf(await logits.data() as Float32Array));
    tf.dispose([logits, batch.images, batch.labels]);
    return logits.shape;
  }
  return [0, 0];
}

function bytesOf(numbers: Float32Array | Int32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(numbers.slice().buffer);
}

await Deno.mkdir(out, { recursive: true });
const size = values.images === undefined ? undefined : Number(values.images);
const emoji = (await data.emoji({ size })).split(division);
const train = await exportPart(emoji.train, "train");
const validation = await exportPart(emoji.validation, "validation");
const logits = await exportLogits(emoji.validation);
const about = { model: values.model, classes: emoji.classes, division, transforms, train, validation, logits };
await Deno.writeTextFile(join(out, "meta.json"), JSON.stringify(about, null, 2) + "\n");
console.log(`Written to ${out}: ${train.shape[0]} + ${validation.shape[0]} pictures of ${crop} × ${crop} pixels`);
