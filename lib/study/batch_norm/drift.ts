import type { BatchNorm2d } from "../../nn/mod.ts";

/** A channel's running statistics. */
export interface RunningStatistics {
  mean: number;
  variance: number;
}

/** How far running statistics are from others, as the mean over channels. */
export interface StatisticsDistance {
  /** |mean − other mean| in the other's standard deviations, √(variance + eps). */
  mean: number;
  /** |log(variance / other variance)|, eps added to both: 0.69 where one is twice the other. */
  variance: number;
}

/** Tells how far batch norms' running statistics have gone from where it first saw them. */
export class Drift {
  readonly #starts = new Map<BatchNorm2d, readonly RunningStatistics[]>();

  /** How far those of a layer have gone: 0 the first time. */
  of(norm: BatchNorm2d, now: readonly RunningStatistics[]): StatisticsDistance {
    const start = this.#starts.get(norm) ?? now;
    this.#starts.set(norm, start);
    const over = (distance: (now: RunningStatistics, start: RunningStatistics) => number) =>
      now.reduce((sum, one, channel) => sum + distance(one, start[channel]), 0) / now.length;
    return {
      mean: over((one, first) => Math.abs(one.mean - first.mean) / Math.sqrt(first.variance + norm.eps)),
      variance: over((one, first) => Math.abs(Math.log((one.variance + norm.eps) / (first.variance + norm.eps)))),
    };
  }
}
