/**
 * Dropout and batch norm beside PyTorch: accuracies in each setting over seeds, and the drift of a frozen network's statistics.
 *
 *     deno run -A bench/ablations/compare.ts --python PYTHON [--work out/ablations] [--steps 20] [--only accuracy,drift]
 *
 * What is in the work folder already is not computed again. At the end bench/results/ablations.json gets what has been
 * measured.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run, step } from "../splits/step.ts";
import { compareAccuracy } from "./compare_accuracy.ts";
import { compareDrift } from "./compare_drift.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    python: { type: "string", default: "python3" },
    work: { type: "string", default: "out/ablations" },
    steps: { type: "string", default: "20" }, // that the frozen network's statistics move for
    only: { type: "string", default: "accuracy,drift" },
    out: { type: "string", default: "bench/results/ablations.json" },
  },
});
const only = new Set(values.only.split(","));
const at = (name: string) => join(values.work, name);
const deno = (script: string, ...args: string[]) => ["run", "-A", `bench/${script}`, ...args];
const python = (script: string, ...args: string[]) => [`bench/ablations/${script}`, ...args];
const read = async (name: string) => JSON.parse(await Deno.readTextFile(at(name)));
await Deno.mkdir(values.work, { recursive: true });

/** Emoji as lite0 gets them, of this size and with this share held out, in a folder of the work folder. */
async function exportEmoji(folder: string, size: number, validation: number): Promise<void> {
  const args = ["--model", "lite0", "--size", `${size}`, "--validation", `${validation}`, "--out", at(folder)];
  await step(at(`${folder}/meta.json`), Deno.execPath(), deno("splits/export_images.ts", ...args));
}

const results = await Deno.readTextFile(values.out).then((text) => JSON.parse(text).results, () => ({}));
if (only.has("accuracy")) {
  await exportEmoji("emoji24", 24, 0.8); // few to learn from, many to judge by
  const shared = ["--images", at("emoji24"), "--weights", at("weights")];
  // they skip by themselves what is in their file
  await run(Deno.execPath(), deno("ablations/thaw_ablations.ts", ...shared, "--out", at("thaw.json")));
  await run(values.python, python("torch_ablations.py", ...shared, "--out", at("torch.json")));
  results.accuracy = compareAccuracy(await read("thaw.json"), await read("torch.json"));
}
if (only.has("drift")) {
  await exportEmoji("emoji64", 64, 0.2);
  const { steps } = values, name = `drift_${steps}`;
  const shared = ["--images", at("emoji64"), "--steps", steps, "--start", at(`${name}_start`)];
  const [ours, theirs] = [`thaw_${name}.json`, `torch_${name}.json`];
  await step(at(ours), Deno.execPath(), deno("ablations/thaw_drift.ts", ...shared, "--out", at(ours)));
  await step(at(theirs), values.python, python("torch_drift.py", ...shared, "--out", at(theirs)));
  results.drift = compareDrift(await read(ours), await read(theirs));
}
await Deno.writeTextFile(values.out, JSON.stringify({ deno: Deno.version.deno, results }, null, 2) + "\n");
console.log(`Written to ${values.out}`);
