import type { Split } from "../../data/types.ts";
import type { Module } from "../../nn/mod.ts";
import { conduct, startStudy } from "../trials/conduct.ts";
import type { DataSource } from "../trials/data_source.ts";
import { type Experiment, isPlain, whyNotPlain } from "../trials/experiment.ts";
import { freeValues } from "../trials/free_values.ts";
import { keepTheBest, keptNetwork } from "../trials/kept_weights.ts";
import { kinds } from "../trials/kinds.ts";
import { checkModelSource, type ModelSource } from "../trials/model_source.ts";
import { identityOf, openSources } from "../trials/open_sources.ts";
import type { RunningStudy } from "../trials/running_study.ts";
import { runTrials } from "../trials/schedule_trials.ts";
import type { StudySettings } from "../trials/study_options.ts";
import type { Json, Trial } from "../trials/trial.ts";
import { type AblationPlan, type AblationSetting, allTrials, trialsOf } from "./ablation_plan.ts";
import { type AblationRow, ablationRows } from "./ablation_rows.ts";
import type { AblationFacts, AblationStudy } from "./ablation_study.ts";

/** What an ablation asks. */
export interface AblationQuestion<S extends AblationSetting, Result extends AblationStudy<S>> {
  /** The name in `kinds.ts` of what its settings mean. */
  kind: string;
  /** What it is about, in a few words: "Dropout". */
  title: string;
  /** What there is to try on this network with this data; throws where something is not what it must be. */
  plan(scout: Module, data: Split): AblationPlan<S> | Promise<AblationPlan<S>>;
  /** What the kind is to measure on the way, in its own terms. */
  watch?: Json;
  /** Makes what the study returns. */
  result(rows: AblationRow<S>[], facts: AblationFacts, network: (row: AblationRow<S>) => Promise<Module>): Result;
}

/**
 * Trains a network in every setting of an ablation from every seed, to the last epoch.
 *
 * @throws {TypeError | RangeError} where something is not what it must be, before anything is computed
 */
export function studyAblation<S extends AblationSetting, Result extends AblationStudy<S>>(
  network: ModelSource,
  source: DataSource,
  settings: StudySettings,
  question: AblationQuestion<S, Result>,
  signal: AbortSignal | undefined,
): RunningStudy<Result> {
  checkModelSource(network);
  return startStudy(signal, async (signal) => {
    const { model, source: described, data, scout, name } = await openSources(network, source, settings.seeds[0]);
    try {
      const { kind, title, watch } = question;
      const plan = await question.plan(scout, data);
      const cuts = plan.settings.map((setting) => kinds[kind].cut(scout, setting)).filter((cut) => cut !== undefined);
      const options = settings.trial;
      const experiment: Experiment = {
        kind,
        model,
        data: described,
        options,
        cuts: [...new Set(cuts)],
        judge: "last",
        ...(watch === undefined ? {} : { watch }),
      };
      const seeded = plan.seeds.length > 1;
      const undertaking = {
        experiment,
        data,
        title: `${title} in ${name} on ${data.name}`,
        titleOf: ({ setting, seed }: Trial) => `${plan.labelOf(setting as S)}${seeded ? `, seed ${seed}` : ""}`,
        identity: { ...identityOf(experiment, data, plan.epochs), ...(watch === undefined ? {} : { watch }) },
      };
      return await conduct(undertaking, settings, signal, async (workshop) => {
        const { folder, local } = workshop;
        const before = folder.spent(allTrials(plan)).seconds;
        await runTrials(allTrials(plan), workshop);
        for (const setting of plan.settings) await keepTheBest(trialsOf(setting, plan), folder);
        const facts: AblationFacts = {
          model: name,
          dataset: data.name,
          epochs: plan.epochs,
          seeds: plan.seeds,
          trainingCount: data.train.length,
          validationCount: data.validation.length,
          epochsSpent: folder.spent(allTrials(plan)).epochs,
          seconds: before + workshop.seconds(),
          stopped: workshop.stopped(),
          folder: settings.folder,
          note: isPlain(experiment) ? undefined : `Only this process can go on with it: ${whyNotPlain(experiment)}`,
        };
        const network = (row: AblationRow<S>) => keptNetwork(trialsOf(row.setting, plan), folder, local);
        return question.result(ablationRows(plan, folder), facts, network);
      });
    } finally {
      if (typeof network !== "function") freeValues(scout);
    }
  });
}
