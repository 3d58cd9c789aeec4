/**
 * studySplits beside the PyTorch loop of torch_splits.py: the same network, images, batches, epochs and splits.
 *
 *     deno run -A bench/splits/compare.ts --python PYTHON [--work out/splits] [--images 1906] [--only lite0,head,seeds,repetitions,resnet18]
 *
 * Every step leaves a file in the work folder and is skipped when it is there: what was broken off goes on. At the end
 * bench/results/splits.json gets the ratios (PyTorch's seconds ÷ thaw's) and the accuracies of all that has been measured.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exists, step } from "./step.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    python: { type: "string", default: "python3" },
    work: { type: "string", default: "out/splits" },
    only: { type: "string", default: "lite0,head,seeds,repetitions,resnet18" },
    out: { type: "string", default: "bench/results/splits.json" },
    images: { type: "string", default: "1906" }, // how many emoji
  },
});
const only = new Set(values.only.split(","));
const at = (name: string) => join(values.work, name);
await Deno.mkdir(values.work, { recursive: true });

const lite0 = ["classifier", "features.8", "features.6", "features.5", "features.4", "features.0"];
const resnet18 = ["fc", "layer4", "layer3", "layer2", "layer1", "conv1"];

const deno = (script: string, ...args: string[]) => ["run", "-A", `bench/splits/${script}`, ...args];
const torch = (name: string, model: string, splits: string[], epochs: number, seed: number, more: string[]) => {
  // it writes as it goes, so that it can be resumed: the name says when it is done
  const args = [
    "bench/splits/torch_splits.py",
    "--model",
    model,
    "--splits",
    splits.join(","),
    "--epochs",
    `${epochs}`,
  ];
  const part = at(`${name}.part.json`);
  return step(at(`${name}.json`), values.python, [...args, "--seed", `${seed}`, "--out", part, ...more])
    .then(async () =>
      await exists(part) && !await exists(at(`${name}.json`)) && await Deno.rename(part, at(`${name}.json`))
    );
};
const thaw = (name: string, model: string, splits: string[], epochs: number, seeds: string, more: string[]) =>
  step(
    at(`${name}.json`),
    Deno.execPath(),
    deno(
      "thaw_splits.ts",
      "--model",
      model,
      "--splits",
      splits.join(","),
      "--epochs",
      `${epochs}`,
      "--seeds",
      seeds,
      "--out",
      at(`${name}.json`),
      ...more,
    ),
  );

const images = (size: number) => ["--images", at(`emoji${size}`)];
const exportEmoji = (size: number) =>
  step(
    at(`emoji${size}/meta.json`),
    Deno.execPath(),
    deno(
      "export_images.ts",
      "--model",
      "lite0",
      "--size",
      `${size}`,
      "--images",
      values.images,
      "--out",
      at(`emoji${size}`),
    ),
  );

const emoji = images(128), rival = [...emoji, "--size", "128"];
await exportEmoji(128);
if (only.has("head")) {
  for (const epochs of [5, 20]) {
    await thaw(`thaw_head_${epochs}`, "lite0", ["classifier"], epochs, "0", emoji);
    await torch(`torch_head_${epochs}`, "lite0", ["classifier"], epochs, 0, rival);
  }
}
if (only.has("lite0")) {
  await thaw("thaw_grid", "lite0", lite0, 5, "0", emoji);
  await torch("torch_grid", "lite0", lite0, 5, 0, rival);
  await thaw("thaw_halving", "lite0", lite0, 5, "0", [...emoji, "--search", "halving"]);
}
if (only.has("seeds") || only.has("repetitions")) {
  await exportEmoji(64);
  await thaw("thaw_seeds", "lite0", lite0, 5, "0,1,2", images(64));
}
if (only.has("seeds")) {
  for (const seed of [0, 1, 2]) {
    await torch(`torch_seed${seed}`, "lite0", lite0, 5, seed, [...images(64), "--size", "64"]);
  }
}
if (only.has("repetitions")) {
  for (let seed = 0; seed < 10; seed++) {
    await thaw(`thaw_halving_${seed}`, "lite0", lite0, 5, `${seed}`, [...images(64), "--search", "halving"]);
  }
}
if (only.has("resnet18")) {
  const weights = at("resnet18.pth");
  await step(weights, values.python, ["bench/splits/random_weights.py", weights]);
  const pictures = [...images(224), "--weights", weights];
  await step(
    at("emoji224/meta.json"),
    Deno.execPath(),
    deno(
      "export_images.ts",
      "--model",
      "resnet18",
      "--size",
      "224",
      "--images",
      values.images === "1906" ? "300" : "90",
      "--weights",
      weights,
      "--out",
      at("emoji224"),
    ),
  );
  const rate = ["--rate", "0.001"];
  await thaw("thaw_resnet18", "resnet18", resnet18, 5, "0", [...pictures, ...rate]);
  await torch("torch_resnet18", "resnet18", resnet18, 5, 0, [...pictures, "--size", "224", ...rate]);
  await thaw("thaw_resnet18_halving", "resnet18", resnet18, 5, "0", [...pictures, ...rate, "--search", "halving"]);
}

// deno-lint-ignore no-explicit-any
async function read(name: string): Promise<any> {
  return await exists(at(`${name}.json`)) ? JSON.parse(await Deno.readTextFile(at(`${name}.json`))) : undefined;
}

const round = (value: number) => Number(value.toPrecision(4));
interface TorchEpoch {
  trainSeconds: number;
  validationSeconds: number;
  validationAccuracy: number;
}

/** The rival's time for each split, and its best accuracy. */
async function torchSplits(name: string): Promise<Map<string, { seconds: number; accuracy: number }> | undefined> {
  const found = await read(name);
  return found &&
    new Map(
      found.splits.map((
        { split, epochs, makeSeconds }: { split: string; epochs: TorchEpoch[]; makeSeconds: number },
      ) => [split, {
        seconds: makeSeconds + epochs.reduce((sum, one) => sum + one.trainSeconds + one.validationSeconds, 0),
        accuracy: Math.max(...epochs.map(({ validationAccuracy }) => validationAccuracy)),
      }]),
    );
}

const total = (splits: Map<string, { seconds: number }>) =>
  [...splits.values()].reduce((sum, { seconds }) => sum + seconds, 0);
const results: Record<string, unknown> = {};

/** thaw's whole time, from the images in memory to the result, beside the rival's sum over the splits. */
async function ratio(label: string, ours: string, theirs: string, aim?: number): Promise<void> {
  const [mine, other] = [await read(ours), await torchSplits(theirs)];
  if (!mine || !other) return;
  const bySplit = Object.fromEntries(
    mine.splits.map((row: { label: string; seconds: number; epochs: number }) => [row.label, {
      thaw: round(row.seconds),
      epochs: row.epochs,
      torch: round(other.get(row.label)?.seconds ?? NaN),
    }]),
  );
  results[label] = {
    ratio: round(total(other) / mine.seconds),
    aim,
    thaw: round(mine.seconds),
    torch: round(total(other)),
    featureSeconds: round(mine.featureSeconds),
    featureBytes: mine.featureBytes,
    peakBytes: mine.peakBytes,
    epochsSpent: mine.epochsSpent,
    bySplit,
  };
  console.log(
    `${label}: PyTorch ${total(other).toFixed(1)} s, thaw ${mine.seconds.toFixed(1)} s, ratio ${
      (total(other) / mine.seconds).toFixed(2)
    }`,
  );
}

await ratio("lite0, head only, 5 epochs", "thaw_head_5", "torch_head_5", 4);
await ratio("lite0, head only, 20 epochs", "thaw_head_20", "torch_head_20", 12);
await ratio("lite0, grid of 6 splits, 5 epochs", "thaw_grid", "torch_grid", 1.25);
await ratio("lite0, halving instead of the grid", "thaw_halving", "torch_grid", 4);
await ratio("resnet18 at 224, grid of 6 splits, 5 epochs", "thaw_resnet18", "torch_resnet18");
await ratio("resnet18 at 224, halving instead of the grid", "thaw_resnet18_halving", "torch_resnet18");

/** Mean and deviation over seeds of the best validation accuracy, on both sides. */
const mean = (xs: number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const deviation = (xs: number[]) =>
  Math.sqrt(xs.reduce((sum, x) => sum + (x - mean(xs)) ** 2, 0) / Math.max(1, xs.length - 1));
type Row = { label: string; curves: { seed: number; history: { validationAccuracy: number }[] }[] };
const grids = (await Promise.all(["thaw_seeds"].map(read))).filter((one) => one !== undefined);
const theirs = (await Promise.all(["torch_seed0", "torch_seed1", "torch_seed2"].map(torchSplits))).filter((
  one,
) => one !== undefined);
const ours = new Map(lite0.map((split) => [
  split,
  grids.flatMap(({ splits }: { splits: Row[] }) =>
    splits.filter(({ label }) => label === split).flatMap(({ curves }) =>
      curves.map(({ history }) => Math.max(...history.map(({ validationAccuracy }) => validationAccuracy)))
    )
  ),
]));
results["accuracy by split at 64 px, over seeds"] = Object.fromEntries(lite0.map((split) => {
  const [a, b] = [ours.get(split)!, theirs.flatMap((one) => one.get(split)?.accuracy ?? [])];
  return [split, {
    thaw: a.map(round),
    torch: b.map(round),
    difference: round(mean(a) - mean(b)),
    noise: round(Math.hypot(deviation(a), deviation(b))),
  }];
}));

/** Whether halving's split is as good as the grid's best, as far as the grid's noise over seeds can tell. */
const best = Math.max(...lite0.map((split) => mean(ours.get(split)!)));
const pooled = Math.sqrt(mean(lite0.map((split) => deviation(ours.get(split)!) ** 2)));
const repetitions = [];
for (let seed = 0; seed < 10; seed++) {
  const found = await read(`thaw_halving_${seed}`);
  if (!found) continue;
  const behind = best - mean(ours.get(found.best)!);
  repetitions.push({
    seed,
    split: found.best,
    behind: round(behind),
    withinNoise: behind <= pooled,
    seconds: round(found.seconds),
    epochsSpent: found.epochsSpent,
  });
}
results["halving at 64 px, ten repetitions"] = {
  noiseOverSeeds: round(pooled),
  gridEpochs: 5 * lite0.length,
  repetitions,
};

const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
const machine = {
  processor: info.match(/model name\s*: (.*)/)?.[1] ?? Deno.build.arch,
  cores: navigator.hardwareConcurrency,
  deno: Deno.version.deno,
};
await Deno.writeTextFile(
  values.out,
  JSON.stringify({ unit: "seconds", machine, images: Number(values.images), results }, null, 2) + "\n",
);
console.log(`Written to ${values.out}`);
