import { studyAblation } from "../ablation/study_ablation.ts";
import type { DataSource } from "../trials/data_source.ts";
import type { ModelSource } from "../trials/model_source.ts";
import type { RunningStudy } from "../trials/running_study.ts";
import { checkDropoutOptions, type DropoutOptions } from "./dropout_options.ts";
import { type DropoutPlace, planDropout } from "./dropout_plan.ts";
import { DropoutStudy } from "./dropout_study.ts";

/**
 * Finds out what dropout does for a network, and at which rate (Srivastava et al. 2014): trains it with each rate, from each
 * number of training pictures, from several seeds, and sets the results side by side.
 *
 * Each training goes on to its last epoch and is judged by that one, on the validation data and, in evaluation mode, on the
 * training data: the distance between the two is the gap that dropout is to close. Which layers drop is found by type, so
 * that it works on any network. With `until` everything before that stage is frozen; it drops nothing, and what it makes of
 * the pictures is computed once.
 *
 * Networks are made afresh for each training, as in `studySplits`: board, `folder`, `workers`, stop button and sources are
 * the same.
 *
 * @param data with a training and a validation part: a split, or a description of one, such as
 *   `{ data: "emoji", split: { validation: 0.2 } }`
 * @throws {TypeError | RangeError} where something is not what it must be, before anything is computed
 *
 * @example
 * ```ts
 * import { data, nn, studyDropout } from "thaw";
 *
 * const emoji = (await data.emoji({ size: 90 })).split({ validation: 0.4, seed: 1 });
 * const transforms = { resize: 16, crop: 16, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
 * const network = () =>
 *   new nn.Sequential(new nn.Flatten(), new nn.Linear(768, 64), new nn.ReLU(), new nn.Dropout(), new nn.Linear(64, 9));
 * const study = await studyDropout(network, emoji, { rates: [0, 0.5], epochs: 2, seeds: 2, transforms });
 * console.log(study.summary);
 * console.log(study.rows.map(({ label, gap }) => `${label}: ${gap.mean.toFixed(2)} ± ${gap.deviation.toFixed(2)}`));
 * ```
 */
export function studyDropout(
  model: ModelSource,
  data: DataSource,
  options: DropoutOptions = {},
): RunningStudy<DropoutStudy> {
  const settings = checkDropoutOptions(options);
  let place: DropoutPlace;
  return studyAblation(model, data, settings, {
    kind: "dropout",
    title: "Dropout",
    plan: (scout, split) => {
      const planned = planDropout(scout, split, settings);
      place = planned.place;
      return planned.plan;
    },
    result: (rows, facts, network) => new DropoutStudy(rows, facts, network, place),
  }, options.signal);
}
