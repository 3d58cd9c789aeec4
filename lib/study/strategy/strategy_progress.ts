import { breathe, live, type ProgressSpec } from "../../display/mod.ts";
import type { Pause } from "../transfer/spectrum.ts";
import type { StrategySettings } from "./strategy_options.ts";

/** What `strategy` tells about its progress. */
export interface StrategyProgress {
  /** The share of the samples whose features have been computed. */
  features(share: number): Promise<void>;
  /** The stage whose features are judged, and the share of the stages that are done. */
  stage(name: string, share: number): Promise<void>;
  /** Lets the kernel see to its messages, and throws where the computation is to end. */
  pause: Pause;
  end(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

// Often enough for a stop button, seldom enough to cost nothing.
const BREATH = 50;

/** Shows how far it is, and ends it by the stop button or the signal. */
export function watchStrategy(label: string, { display: visible, signal }: StrategySettings): StrategyProgress {
  const started = performance.now();
  const line = (detail: string, fraction: number, timeLeft?: number): ProgressSpec => ({
    kind: "progress",
    label: `strategy for ${label}`,
    detail,
    fraction,
    timeLeft,
  });
  const display = visible ? live(line("computing features", 0)) : undefined;
  let breathed = started;

  async function pause(): Promise<void> {
    signal?.throwIfAborted();
    if (performance.now() - breathed < BREATH) return;
    await breathe();
    breathed = performance.now();
  }

  return {
    pause,
    async features(share) {
      const timeLeft = (performance.now() - started) / 1000 * (1 - share) / share;
      display?.update(line("computing features, once for each sample", share, timeLeft));
      await pause();
    },
    async stage(name, share) {
      display?.update(line(`judging the features below ${name}`, share));
      await pause();
    },
    async end() {
      await display?.end(line("done", 1));
    },
    async fail(error) {
      const stopped = error instanceof DOMException && error.name === "AbortError";
      await display?.end({ ...line(stopped ? "stopped" : "failed", 1), tone: "bad", fraction: null });
    },
  };
}
