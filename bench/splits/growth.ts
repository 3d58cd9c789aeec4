/**
 * How the cost of a split study grows with the images and with the splits, and how well the design's formula tells it:
 *
 *     deno run -A bench/splits/growth.ts [--out bench/results/splits_growth.json]
 *
 * seconds = a · images · forward + b · epochs · Σ over splits (images · multiply-adds above the split)
 *
 * One forward pass, however many splits and epochs; then only what lies above each split. a and b are fitted to the
 * measured times by least squares (of relative errors), and what the formula says then is set beside each measured time.
 * lite0 on emoji at 64 px; 8,000 images are the 1,525 of the training part in five variants. Splits are counted from the
 * head down: 2 are classifier and features.8, 12 reach into features.4.
 */
import { parseArgs } from "node:util";
import { data, memoryInUse, models, studySplits, summary } from "thaw";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    out: { type: "string", default: "bench/results/splits_growth.json" },
    rounds: { type: "string", default: "1" },
  },
});

const side = 64, epochs = 1, batchSize = 32;
const splits = [
  "classifier",
  "features.8",
  "features.7",
  "features.6.3",
  "features.6.2",
  "features.6.1",
  "features.6",
  "features.5.2",
  "features.5.1",
  "features.5",
  "features.4.2",
  "features.4.1",
];
const network = { model: "efficientnet_lite0", options: { weights: "DEFAULT" } };
const transforms = { ...models.info("efficientnet_lite0").weights.DEFAULT.transforms, resize: side, crop: side };
const model = models.efficientnet_lite0({ numClasses: 9 });
const counts = new Map(summary(model, side).modules.map(({ name, multiplyAdds }) => [name, multiplyAdds]));
const whole = counts.get("")!;

/** The multiply-adds of what is computed above a split: all from the stage on that it lies in. */
function above(until: string): number {
  const stages = model.stages();
  const first = stages.findIndex(({ name }) => until === name || until.startsWith(`${name}.`));
  return stages.slice(first).flatMap(({ modules }) => modules).reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
}

const emoji = await data.emoji();
const sizes: { images: string; split: data.Split; variants?: number }[] = [
  { images: "500", split: (await data.emoji({ size: 500 })).split({ validation: 0.2, seed: 1 }) },
  { images: "1,900", split: emoji.split({ validation: 0.2, seed: 1 }) },
  { images: "8,000", split: emoji.split({ validation: 0.2, seed: 1 }), variants: 5 },
];
interface Row {
  images: string;
  splits: number;
  seconds: number;
  all: number[];
  featureBytes: number;
  peakBytes: number;
  forward: number;
  trained: number;
}
const rows: Row[] = [];
for (const { images, split, variants } of sizes) {
  for (const part of [split.train, split.validation]) { // pictures are decoded before the clock runs
    for await (const batch of part.batches({ batchSize, transforms })) {
      batch.images.dispose();
      batch.labels.dispose();
    }
  }
  for (const count of [2, 6, 12]) {
    const tried = splits.slice(0, count);
    const times: number[] = [];
    let facts, peakBytes = 0;
    for (let round = 0; round < Number(values.rounds); round++) {
      const before = memoryInUse().bytes;
      const start = performance.now();
      const study = await studySplits(network, split, {
        splits: tried,
        epochs: variants ? variants * epochs : epochs, // every variant as often as the pictures themselves
        optimizer: "sgd",
        batchSize,
        transforms,
        ...(variants ? { flip: true, variants } : {}),
        display: false,
      });
      times.push((performance.now() - start) / 1000);
      peakBytes = Math.max(...study.rows.map((row) => row.peakBytes)) - before;
      facts = study.facts;
    }
    const [train, held] = [split.train.length * (variants ?? 1), split.validation.length];
    const passes = variants ? variants * epochs : epochs;
    // backward is twice the forward; validation is a forward pass each epoch
    const trained = tried.reduce((sum, until) => sum + above(until) * passes * (3 * split.train.length + held), 0);
    rows.push({
      images,
      splits: count,
      seconds: Math.min(...times),
      all: times,
      featureBytes: facts!.featureBytes.memory + facts!.featureBytes.disk,
      peakBytes,
      forward: whole * (train + held),
      trained,
    });
    console.log(`${images} images, ${count} splits: ${Math.min(...times).toFixed(2)} s`);
    await write();
  }
}

/** Least squares of relative errors in two unknowns. */
function fitted(): [number, number] {
  let [ff, ft, tt, f, t] = [0, 0, 0, 0, 0];
  for (const { forward, trained, seconds } of rows) {
    const [x, y] = [forward / seconds, trained / seconds];
    ff += x * x;
    ft += x * y;
    tt += y * y;
    f += x;
    t += y;
  }
  const determinant = ff * tt - ft * ft;
  return [(f * tt - t * ft) / determinant, (t * ff - f * ft) / determinant];
}
/** Writes what has been measured so far, with the formula that fits it. */
async function write(): Promise<void> {
  if (rows.length < 2) return;
  const [a, b] = fitted();
  const results = rows.map(({ forward, trained, ...row }) => {
    const formula = a * forward + b * trained;
    return { ...row, formula, error: formula / row.seconds - 1 };
  });
  const secondsPerGigaMultiplyAdd = { forward: a * 1e9, training: b * 1e9 };
  await Deno.writeTextFile(
    values.out,
    JSON.stringify({ unit: "seconds", secondsPerGigaMultiplyAdd, epochs, side, results }, null, 2) + "\n",
  );
}
