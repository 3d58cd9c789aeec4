import { checkCount, checkShare, named, type Schedule, type WarmupOptions, withWarmup } from "./schedule.ts";

/** Options of {@linkcode plateau}. */
export interface PlateauOptions extends WarmupOptions {
  /** What the rate is multiplied with; 0.1. */
  factor?: number;
  /** How many epochs without a better loss it waits; 2, since a notebook's runs are short (torch: 10). */
  patience?: number;
  /** By which share of the best loss a loss must be below it to be better; 0.0001. */
  threshold?: number;
  /** For how many epochs after a fall nothing is counted; 0. */
  cooldown?: number;
  /** The smallest share of the rate; 0. */
  floor?: number;
}

/**
 * A rate that falls when the loss no longer does, epoch by epoch: torch's ReduceLROnPlateau.
 *
 * @example
 * ```ts
 * import { plateau } from "thaw";
 *
 * const rate = plateau({ patience: 1, factor: 0.5 });
 * console.log(rate({ step: 90, steps: 100, losses: [1, 0.5, 0.5, 0.6] })); // 0.5
 * ```
 */
export function plateau(options: PlateauOptions = {}): Schedule {
  const { factor = 0.1, patience = 2, threshold = 1e-4, cooldown = 0, floor = 0 } = options;
  for (const [name, value] of Object.entries({ patience, cooldown })) checkCount(name, value, 0);
  for (const [name, value] of Object.entries({ factor, threshold, floor })) checkShare(name, value);
  // Counted anew from the losses each time, so that there is no state to keep.
  const share: Schedule = ({ losses }) => {
    let [best, bad, resting, rate] = [Infinity, 0, 0, 1];
    for (const loss of losses) {
      if (loss < best * (1 - threshold)) [best, bad] = [loss, 0];
      else bad++;
      if (resting > 0) [resting, bad] = [resting - 1, 0];
      if (bad > patience) [rate, resting, bad] = [Math.max(rate * factor, floor), cooldown, 0];
    }
    return rate;
  };
  return named("plateau", options, withWarmup(share, options));
}
