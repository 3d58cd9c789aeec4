import type { Dataset, Split } from "../../data/types.ts";
import { Linear, type Module, type Stage } from "../../nn/mod.ts";
import { type DataSource, isLive, openData } from "../trials/data_source.ts";
import { freeValues } from "../trials/free_values.ts";
import { isModelSource, makePretrained, type ModelSource } from "../trials/model_source.ts";
import { sameRows } from "../transfer/feature_matrix.ts";
import { chance, heldOut, judgeCount, probeAccuracy } from "./held_out.ts";
import { leep } from "../transfer/leep.ts";
import { logME } from "../transfer/log_me.ts";
import { type Quadrant, recommend } from "./recommend.ts";
import { taskSimilarity } from "./similarity.ts";
import { runnableStages, type StageFeatures, stageFeatures } from "../transfer/stage_features.ts";
import { checkStrategy, divided, type StrategyOptions, type StrategySettings } from "./strategy_options.ts";
import { type StrategyProgress, watchStrategy } from "./strategy_progress.ts";
import { type StageFigures, Strategy } from "./strategy_result.ts";

/** How many pixels a side the picture has that tells what pixels alone are worth. */
const PIXELS = 8;

/**
 * What to freeze and how to train, found out from frozen features, before anything has been trained.
 *
 * The data is sent through the network once. Of what each stage is given a linear probe and LogME tell what it is worth for
 * the new task; LEEP tells what the pretrained head's own answers are worth, where it has its head yet. From those come the
 * similarity of the task to the pretraining task (`taskSimilarity` says how) and, with the number of images a class, one of
 * four cases: small or large, similar or different. Each has its advice, and where to cut is chosen by the figures of the
 * stages (`recommend` says how).
 *
 * @param model a pretrained network as it is, whose stages can run one by one, or what `studySplits` makes networks from
 * @param data a split (or a description of one), or a dataset, of which a fifth then judges; where fewer than 200 samples judge, all samples do, held
 *   out in five folds
 * @throws {TypeError} where network and data do not fit together, {RangeError} where an option cannot be,
 *   {DOMException} named `AbortError` where it was stopped
 *
 * @example
 * ```ts
 * import { data, freeze, models, strategy } from "thaw";
 *
 * const model = models.resnet18({ numClasses: 9 }); // { weights: "DEFAULT" } brings what is worth keeping
 * const transforms = { resize: 32, crop: 32, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] } as const;
 * const found = await strategy(model, await data.emoji({ size: 60 }), { transforms });
 * console.log(found.summary);
 * freeze(model, { until: found.recommendation.until });
 * ```
 */
export async function strategy(
  model: Module | ModelSource,
  data: Dataset | DataSource,
  options: StrategyOptions = {},
): Promise<Strategy> {
  if (isModelSource(model)) {
    const made = await makePretrained(model);
    return await strategy(made, data, options).finally(() => typeof model === "function" || freeValues(made));
  }
  const opened = isLive(data) || isDataset(data) ? data : await openData(data);
  const settings = checkStrategy(model, opened, options);
  const split = divided(opened);
  const stages = cutsOf(model);
  const noLeep = whyNoLeep(model, split.classes);
  const started = performance.now();
  const progress = watchStrategy(`${model.constructor.name} on ${split.name}`, settings);
  try {
    const found = await measure(model, split, stages, noLeep, settings, progress);
    await progress.end();
    return conclude(model, split, found, settings, (performance.now() - started) / 1000);
  } catch (error) {
    await progress.fail(error);
    throw error;
  }
}

/** Whether data is a dataset and not divided yet. */
function isDataset(data: Dataset | DataSource): data is Dataset {
  return typeof (data as Partial<Dataset> | undefined)?.batches === "function";
}

type Found = Awaited<ReturnType<typeof measure>>;

/** One pass over the samples, then all figures from its features. */
async function measure(
  model: Module,
  { train, validation, classes }: Split,
  stages: readonly Stage[],
  whyNot: string | undefined,
  { batchSize, transforms, maxSamples }: StrategySettings,
  progress: StrategyProgress,
) {
  const total = train.length + validation.length;
  const pass = (part: Dataset, before: number, logits: boolean): Promise<StageFeatures> =>
    stageFeatures(model, part, {
      stages: stages.map(({ name }) => name),
      batchSize,
      transforms,
      logits,
      thumbnails: PIXELS,
      onProgress: (done) => progress.features((before + done) / total),
    });
  const learnt = await pass(train, 0, whyNot === undefined);
  const judging = await pass(validation, train.length, false);
  const held = heldOut(learnt.labels, judging.labels, classes.length);
  const figures: StageFigures[] = [];
  for (const [i, { name }] of stages.entries()) {
    await progress.stage(name, i / stages.length);
    const [own, other] = [learnt.stages.get(name)!, judging.stages.get(name)!];
    const before = learnt.stages.get(stages[i - 1]?.name);
    const same = before && sameRows(before, own) ? figures[i - 1] : undefined; // such as on both sides of a pooling
    figures.push({
      stage: name,
      features: own.columns,
      accuracy: same?.accuracy ?? await probeAccuracy(own, other, held, progress.pause),
      logME: same?.logME ?? await logME(own, learnt.labels, { maxSamples, pause: progress.pause }),
      parameters: parametersOf(model, stages[i]),
    });
  }
  const pixels = await probeAccuracy(learnt.thumbnails!, judging.thumbnails!, held, progress.pause);
  const { logits } = learnt;
  const outputs = logits?.columns ?? headOf(model)?.outFeatures;
  const noLeep = logits && outputs !== model.classes!.length ? replaced(outputs!, model) : whyNot;
  const score = noLeep === undefined ? leep(logits!, learnt.labels) : undefined;
  return { held, figures, pixels, outputs, noLeep, leep: score };
}

/** Where the task stands, and what follows. */
function conclude(model: Module, split: Split, found: Found, settings: StrategySettings, seconds: number): Strategy {
  const { held, figures, pixels, outputs, noLeep } = found;
  const { large, similar } = settings;
  const counts = split.train.counts.toSorted();
  const middle = counts.length / 2;
  const median = (counts[Math.ceil(middle) - 1] + counts[Math.floor(middle)]) / 2;
  const cuts = figures.filter(({ parameters }) => parameters > 0);
  const count = judgeCount(held);
  const similarity = taskSimilarity(pixels, cuts.map(({ accuracy }) => accuracy), count);
  const quadrant: Quadrant = {
    size: median >= large ? "large" : "small",
    task: similarity.value >= similar ? "similar" : "different",
  };
  return new Strategy(
    {
      model: model.constructor.name,
      dataset: split.name,
      images: { total: split.train.length, classes: split.classes.length, median, least: counts[0] },
      judged: { count, folds: held.folds.length },
      chance: chance(held),
      pixels,
      stages: figures,
      similarity,
      outputs,
      leep: found.leep,
      noLeep,
      limits: { large, similar },
      seconds,
    },
    quadrant,
    recommend(quadrant, cuts, count),
  );
}

/** The stages up to the last one that has something to train. */
function cutsOf(model: Module): Stage[] {
  const stages = runnableStages("find a strategy", model);
  const last = stages.findLastIndex((stage) => parametersOf(model, stage) > 0);
  if (last >= 0) return stages.slice(0, last + 1);
  throw new TypeError(
    `Cannot find a strategy for ${model.constructor.name}: expected a network with parameters, found none`,
  );
}

function parametersOf(model: Module, { modules }: Stage): number {
  return model.namedParameters()
    .filter(([path]) => modules.some((part) => path === part || path.startsWith(`${part}.`)))
    .reduce((sum, [, { size }]) => sum + size, 0);
}

/** Why a network's head tells nothing by LEEP; undefined where it does, as far as can be told without running it. */
function whyNoLeep(model: Module, classes: readonly string[]): string | undefined {
  const own = model.classes;
  if (!own) return "the network names no classes that it was pretrained for";
  if (own.join("\n") === classes.join("\n")) return "the network's own classes are the data's";
  if (own.length <= classes.length) {
    return `the network was pretrained for ${own.length} classes, not for more than the data's ${classes.length}`;
  }
  const head = headOf(model);
  return head && head.outFeatures !== own.length ? replaced(head.outFeatures, model) : undefined;
}

function headOf(model: Module): Linear | undefined {
  return model.modules().findLast((module) => module instanceof Linear);
}

function replaced(outputs: number, { classes }: Module): string {
  return `the head has ${outputs} outputs and is not that of the network's ${classes!.length} classes`;
}
