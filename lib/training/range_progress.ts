import { live, type Spec } from "../display/mod.ts";
import { breather, timeLeft, type Watcher } from "./progress.ts";
import { rateText } from "./range_curve.ts";
import { rangeChart } from "./range_test.ts";
import type { Run } from "./run.ts";

/** What a range test tells about its progress: all its steps are one epoch. */
export interface RangeWatcher extends Watcher {
  /** The test has ended, with something to show unless it failed. */
  end(result?: Spec): Promise<void>;
}

/**
 * Shows a range test while it goes on: progress with the time left, and the curve that grows.
 *
 * @param curve what the steps have come to, as they are made
 */
export function watchRange(
  run: Run,
  { rates, losses }: { rates: readonly number[]; losses: readonly number[] },
  visible: boolean,
): RangeWatcher {
  const title = `Learning rate range test of ${run.model} on ${run.dataset}`;
  const display = visible ? live({ kind: "progress", label: title, fraction: 0 }) : undefined;
  const pause = breather(() => run.stop());
  let started = performance.now();
  return {
    async features(share) {
      const label = "computing what is frozen, once for each sample";
      display?.update({ kind: "progress", label, fraction: share, timeLeft: timeLeft(started, share) });
      await pause();
      if (share === 1) started = performance.now();
    },
    async step(_epoch, share, loss) {
      const label = `rate ${rateText(rates.at(-1)!)}`;
      const detail = `loss ${loss.toFixed(4)}`;
      const left = timeLeft(started, share);
      const bar: Spec = { kind: "progress", label, fraction: share, detail, timeLeft: left };
      display?.update({ kind: "stack", items: [rangeChart(title, rates, losses), bar] });
      await pause();
    },
    epoch() {},
    async end(result) {
      await display?.end(result);
    },
  };
}
