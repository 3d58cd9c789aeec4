import { breathe, interrupted, live, type Spec } from "../display/mod.ts";
import type { Run } from "./run.ts";

/** What `fit` tells about its progress. */
export interface Watcher {
  /** The share of the samples whose features have been computed. */
  features(share: number): Promise<void>;
  /** An epoch (from 0), the share of it that is done, and its mean loss so far. */
  step(epoch: number, share: number, loss: number): Promise<void>;
  /** An epoch was added to the run's history: the curves get their next point, however short the epoch was. */
  epoch(): void;
  /** The run has ended, one way or another. */
  end(): Promise<void>;
}

// Often enough for a stop button, seldom enough to cost nothing: a turn of the event loop takes a millisecond or more.
const BREATH = 50;

/** What a long loop calls often: it lets the kernel see to its messages now and then, and hears of a stop button. */
export function breather(stop: () => void): () => Promise<void> {
  let breathed = performance.now();
  return async () => {
    if (performance.now() - breathed < BREATH) return;
    await breathe().catch(stop);
    breathed = performance.now();
  };
}

/** Shows a run while it goes on: progress with the time left, and the curves, which change with every epoch. */
export function watch(run: Run, visible: boolean): Watcher {
  const display = visible ? live(progress(run, `${run.model} on ${run.dataset}`, 0)) : undefined;
  const pause = breather(() => run.stop());
  let started = performance.now();
  let first: number | undefined; // the share that was done before: a resumed run begins in the middle

  function runTimeLeft(done: number): number | undefined {
    return first === undefined ? undefined : timeLeft(started, (done - first) / (1 - first));
  }

  return {
    async features(share) {
      const left = timeLeft(started, share);
      display?.update(progress(run, `computing what is frozen, once for each sample`, share, undefined, left));
      await pause();
      if (share === 1) [started, first] = [performance.now(), undefined]; // epochs take another time from here on
    },
    async step(epoch, share, loss) {
      const done = (epoch + share) / run.epochs;
      first ??= run.history.length / run.epochs;
      const label = `epoch ${epoch + 1} of ${run.epochs}`;
      display?.update(progress(run, label, done, `loss ${loss.toFixed(4)}`, runTimeLeft(done)));
      await pause();
      if (interrupted()) run.stop();
    },
    epoch() {
      const done = run.history.length;
      const left = runTimeLeft(done / run.epochs);
      display?.show(progress(run, `epoch ${done} of ${run.epochs}`, done / run.epochs, undefined, left));
    },
    async end() {
      await display?.end(await run.spec());
    },
  };
}

function progress(run: Run, label: string, fraction: number, detail?: string, timeLeft?: number): Spec {
  const bar: Spec = { kind: "progress", label, fraction, detail, timeLeft };
  return run.history.length ? { kind: "stack", items: [run.spec() as Spec, bar] } : bar;
}

/** The seconds that are left when a share of something is done that began at `started`. */
export function timeLeft(started: number, share: number): number | undefined {
  return share > 0 ? (performance.now() - started) / 1000 * (1 - share) / share : undefined;
}
