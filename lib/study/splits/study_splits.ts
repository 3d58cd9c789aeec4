import type { Module } from "../../nn/mod.ts";
import { FreezePlan } from "../../training/mod.ts";
import { conduct, type Conducted, startStudy } from "../trials/conduct.ts";
import type { DataSource } from "../trials/data_source.ts";
import { isPlain, whyNotPlain } from "../trials/experiment.ts";
import { freeValues } from "../trials/free_values.ts";
import { keepTheBest, keptNetwork } from "../trials/kept_weights.ts";
import { checkModelSource, type ModelSource } from "../trials/model_source.ts";
import type { RunningStudy } from "../trials/running_study.ts";
import { runTrials, type Workshop } from "../trials/schedule_trials.ts";
import type { StudyFolder } from "../trials/study_folder.ts";
import type { Trial } from "../trials/trial.ts";
import { searchGrid } from "./grid.ts";
import { type LeftOut, searchHalving } from "./halving.ts";
import { openSplitExperiment, type SplitExperiment, splitIdentity } from "./split_experiment.ts";
import { checkSplitOptions, type SplitOptions, type SplitSettings } from "./split_options.ts";
import { labelOf, questionOf, settingsOf, type SplitPlan, trialOf } from "./split_plan.ts";
import { type SplitRow, splitRows } from "./split_rows.ts";
import { bestRow } from "./split_sentence.ts";
import { arrangeSplit, type SplitSetting } from "./split_setting.ts";
import { type SplitFacts, SplitStudy } from "./split_study.ts";

/**
 * Finds out which layers of a pretrained network to freeze: trains it with everything below each of its stages frozen, and
 * sets the results side by side.
 *
 * What the frozen parts make of the pictures is computed once for all splits, epochs and seeds, so that a study costs little
 * more than training the parts above. While it goes on a board shows every training's state and curve and the time left; the
 * stop button keeps what is done, and with a `folder` the same call goes on from there later.
 *
 * Networks are made afresh for each training, from `model`: `{ model: "resnet18", options: { weights: "DEFAULT" } }` (the head
 * is made for the data's classes), the same with `checkpoint`, a module's export, or a function. The function, and data made
 * of tensors, work in this process only; anything else `workers` can compute elsewhere too.
 *
 * @param data with a training and a validation part: a split, or a description of one, such as
 *   `{ data: "emoji", split: { validation: 0.2 } }`
 * @throws {TypeError | RangeError} where something is not what it must be, before anything is computed
 *
 * @example
 * ```ts
 * import { data, studySplits } from "thaw";
 *
 * const emoji = (await data.emoji({ size: 90 })).split({ validation: 0.2, seed: 1 });
 * const network = { model: "efficientnet_lite0", options: { weights: "DEFAULT" } };
 * const transforms = { resize: 64, crop: 64, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
 * const study = await studySplits(network, emoji, { splits: ["features.8", "classifier"], epochs: 2, transforms });
 * console.log(study.summary);
 * const model = await study.best();
 * console.log(String(await model.predict(emoji.validation.source(0)!)));
 * ```
 */
export function studySplits(
  model: ModelSource,
  data: DataSource,
  options: SplitOptions = {},
): RunningStudy<SplitStudy> {
  checkModelSource(model);
  const settings = checkSplitOptions(options);
  return startStudy(options.signal, async (signal) => {
    const opened = await openSplitExperiment(model, data, settings);
    try {
      return await study(opened, settings, signal);
    } finally {
      if (typeof model !== "function") freeValues(opened.scout);
    }
  });
}

function study(opened: SplitExperiment, settings: SplitSettings, signal: AbortSignal): Promise<SplitStudy> {
  const { experiment, data, scout, name, plan } = opened;
  const undertaking = {
    experiment,
    data,
    title: `Splits of ${name} on ${data.name}`,
    titleOf: (trial: Trial) => titleOf(trial, plan),
    identity: splitIdentity(opened, settings),
  };
  return conduct(undertaking, settings, signal, async (workshop: Conducted) => {
    const { folder, local } = workshop;
    const before = spent(plan, folder);
    const rated = settings.findRate ? { ...plan, rates: await findRates(plan, workshop) } : plan;
    const leftOut = await search(rated, settings, workshop, data.validation.length);
    const rows = splitRows(rated, folder, leftOut);
    const trialsOf = ({ until, start }: SplitRow) => plan.seeds.map((seed) => trialOf({ until, start }, seed, rated));
    for (const row of rows) await keepTheBest(trialsOf(row), folder);
    const after = spent(plan, folder);
    const facts: SplitFacts = {
      model: name,
      dataset: data.name,
      search: settings.search,
      epochs: plan.epochs,
      seeds: plan.seeds,
      validationCount: data.validation.length,
      epochsSpent: after.epochs,
      seconds: before.seconds + workshop.seconds(),
      featureSeconds: after.featureSeconds,
      featureBytes: local.featureBytes,
      stopped: workshop.stopped(),
      folder: settings.folder,
      note: isPlain(experiment) ? undefined : `Only this process can go on with it: ${whyNotPlain(experiment)}`,
    };
    const network = (row: SplitRow) => keptNetwork(trialsOf(row), folder, local);
    return new SplitStudy(rows, facts, network, planOf(scout, rows));
  });
}

async function search(
  plan: SplitPlan,
  { search }: SplitSettings,
  workshop: Workshop,
  validationCount: number,
): Promise<LeftOut[]> {
  if (search === "halving") return await searchHalving(plan, workshop, validationCount);
  await searchGrid(plan, workshop);
  return [];
}

/** Looks for the learning rate of each split, with the first seed. */
async function findRates(plan: SplitPlan, workshop: Workshop): Promise<Map<string, number>> {
  const settings = settingsOf(plan);
  const found = await runTrials(settings.map((setting) => questionOf(setting, plan.seeds[0], "rate")), workshop);
  return new Map(
    settings.flatMap((setting, i) => found[i]?.learningRate ? [[labelOf(setting), found[i].learningRate]] : []),
  );
}

/** What a trial is called on the board. */
function titleOf({ setting, seed, task }: Trial, { seeds }: SplitPlan): string {
  const label = labelOf(setting as SplitSetting);
  return [label, ...(seeds.length > 1 ? [`seed ${seed}`] : []), ...(task === "train" ? [] : [task])].join(", ");
}

/** How much has been done of a plan's trials, questions before them included. */
function spent(plan: SplitPlan, folder: StudyFolder): ReturnType<StudyFolder["spent"]> {
  return folder.spent(
    settingsOf(plan).flatMap((setting) => [
      ...plan.seeds.map((seed) => trialOf(setting, seed, plan)),
      ...(["rate", "probe"] as const).map((task) => questionOf(setting, plan.seeds[0], task)),
    ]),
  );
}

/** What the best split freezes, as a map of the network. */
function planOf(scout: Module, rows: readonly SplitRow[]): FreezePlan | undefined {
  const best = bestRow(rows);
  if (!best) return undefined;
  // which values the part above starts from is nothing that the map shows
  arrangeSplit(scout, { until: best.until, start: best.start === "AnB" ? "pretrained" : best.start });
  return new FreezePlan(scout);
}
