/** What the tests of workers share. */
import { assert, assertEquals } from "@std/assert";
import type { Epoch } from "../../../lib/training/mod.ts";
import type { TrialEvent, TrialResult } from "../../../lib/study/trials/trial.ts";

/** A signal that never comes. */
export const never: AbortSignal = new AbortController().signal;

/** Events as they come, with a promise of the first that is wanted. */
export function watching(): {
  events: TrialEvent[];
  watch: (event: TrialEvent) => void;
  first: (wanted: (event: TrialEvent) => boolean) => Promise<TrialEvent>;
  logs: () => string;
} {
  const events: TrialEvent[] = [];
  const waiting: { wanted: (event: TrialEvent) => boolean; resolve: (event: TrialEvent) => void }[] = [];
  return {
    events,
    watch(event) {
      events.push(event);
      for (const { wanted, resolve } of waiting) if (wanted(event)) resolve(event);
    },
    first(wanted) {
      const there = events.find(wanted);
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.push({ wanted, resolve }));
    },
    logs: () => events.map((event) => event.kind === "log" ? event.text : "").join("\n"),
  };
}

/** Fails unless two results are of the same training; times and places apart. */
export function assertSameResult(found: TrialResult, expected: TrialResult, tolerance = 1e-6): void {
  assertEquals(
    [found.id, found.parameters, found.trainable, found.history.length, found.best?.epoch, found.cachedAt],
    [
      expected.id,
      expected.parameters,
      expected.trainable,
      expected.history.length,
      expected.best?.epoch,
      expected.cachedAt,
    ],
  );
  const figures = ["loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"] as const;
  found.history.forEach((epoch: Epoch, i) => {
    for (const name of figures) {
      const [value, wanted] = [epoch[name]!, expected.history[i][name]!];
      assert(Math.abs(value - wanted) <= tolerance, `${name} of epoch ${i + 1}: expected ${wanted}, found ${value}`);
    }
  });
}

/** Whether a process runs; one that has ended and that nobody has asked about does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}

/** Waits until something holds. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  for (const started = performance.now(); !(await holds());) {
    assert(performance.now() - started < 1000 * seconds, `expected within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The number of the process that computed a result. */
export function pidOf({ worker }: TrialResult): number {
  return Number(/^process (\d+)$/.exec(worker!)![1]);
}
