/**
 * thaw's side of the accuracies: the small network is trained in each setting with each seed.
 *
 *     deno run -A bench/ablations/thaw_ablations.ts --images FOLDER --out FILE --weights FOLDER
 *
 * FILE (JSON) has a row for each training and is written after each of them; started again, the program goes on where it
 * was. The weights that the first seed comes to are saved too, so that the other side can try them.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type data, evaluate, fit, manualSeed, type nn, save } from "thaw";
import { readImages } from "../splits/read_images.ts";
import plan from "./settings.json" with { type: "json" };
import { smallCnn, type SmallCnnOptions } from "./small_cnn.ts";

/** How one training in a setting ended: accuracies in evaluation mode, with the last epoch's weights. */
export interface Row {
  setting: string;
  seed: number;
  trainAccuracy: number;
  validationAccuracy: number;
}

/** What is trained, and how. */
export interface Plan {
  epochs: number;
  batchSize: number;
  learningRate: number;
  seeds: number[];
  settings: { setting: string; options: SmallCnnOptions }[];
}

/** Trains every setting with every seed but for those that are known already; gives each one's row and network. */
export async function* ablations(
  split: data.LabelledSplit,
  { settings, seeds, ...how }: Plan,
  known: readonly Row[] = [],
): AsyncGenerator<{ row: Row; model: nn.Module }> {
  for (const seed of seeds) {
    for (const { setting, options } of settings) {
      if (known.some((row) => row.setting === setting && row.seed === seed)) continue;
      manualSeed(seed);
      const model = smallCnn(options);
      await fit(model, split.train, { ...how, optimizer: "adam", seed, restoreBest: false, display: false });
      const [train, validation] = [await evaluate(model, split.train), await evaluate(model, split.validation)];
      yield { row: { setting, seed, trainAccuracy: train.accuracy, validationAccuracy: validation.accuracy }, model };
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { images: { type: "string" }, out: { type: "string" }, weights: { type: "string" } },
  });
  const { seeds, ...how } = plan; // more seeds may come later
  const { rows, ...before }: { rows: Row[] } = await Deno.readTextFile(values.out!)
    .then(JSON.parse, () => ({ ...how, rows: [] }));
  if (JSON.stringify(before) !== JSON.stringify(how)) {
    throw new Error(`Cannot go on: expected ${values.out} to be of settings.json as it is, found another's; remove it`);
  }
  await Deno.mkdir(values.weights!, { recursive: true });
  for await (const { row, model } of ablations(await readImages(values.images!), plan, rows)) {
    if (row.seed === seeds[0]) await save(model.stateDict(), join(values.weights!, `${row.setting}.pth`));
    rows.push(row);
    await Deno.writeTextFile(values.out!, JSON.stringify({ ...how, rows }, null, 1) + "\n");
    console.log(JSON.stringify(row));
  }
}
