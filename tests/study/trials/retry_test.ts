import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { runWithRetries } from "../../../lib/study/trials/retry.ts";
import {
  type Runner,
  type Trial,
  type TrialEvent,
  type TrialResult,
  WorkerLost,
} from "../../../lib/study/trials/trial.ts";

const trial: Trial = { id: "a", setting: {}, seed: 1, task: "train", epochs: 1 };
const done = { id: "a", history: [] as TrialResult["history"], worker: "done" } as TrialResult;
const never = new AbortController().signal;

/** A runner that fails with these errors in turn, and then has a result. */
function failing(errors: Error[]): Runner & { runs: number } {
  return {
    slots: 1,
    sharesFiles: true,
    runs: 0,
    run() {
      const error = errors[this.runs++];
      return error ? Promise.reject(error) : Promise.resolve(done);
    },
    close: () => Promise.resolve(),
  };
}

Deno.test("retries: lost workers are tried again, each time with a word", async () => {
  const runner = failing([new WorkerLost("lost one"), new WorkerLost("lost two")]);
  const events: TrialEvent[] = [];
  assertEquals(await runWithRetries(runner, trial, (event) => events.push(event), never, { wait: 0 }), done);
  assertEquals(runner.runs, 3);
  assertEquals(events, [
    { kind: "log", text: "lost one\nTrying a again, 1 of 2 times" },
    { kind: "log", text: "lost two\nTrying a again, 2 of 2 times" },
  ]);
});

Deno.test("retries: they end with the last error", async () => {
  const runner = failing([new WorkerLost("one"), new WorkerLost("two")]);
  await assertRejects(() => runWithRetries(runner, trial, () => {}, never, { retries: 1, wait: 0 }), WorkerLost, "two");
  assertEquals(runner.runs, 2);
});

Deno.test("retries: what would fail again is not tried again", async () => {
  const runner = failing([new RangeError("no such stage")]);
  await assertRejects(() => runWithRetries(runner, trial, () => {}, never, { wait: 0 }), RangeError, "no such stage");
  assertEquals(runner.runs, 1);
});

Deno.test("retries: none once the study is stopped, also while it waits", async () => {
  const stopped = AbortSignal.abort();
  const runner = failing([new WorkerLost("one")]);
  await assertRejects(() => runWithRetries(runner, trial, () => {}, stopped, { wait: 0 }), WorkerLost, "one");
  const stop = new AbortController();
  const events: TrialEvent[] = [];
  const watch = (event: TrialEvent) => {
    events.push(event);
    setTimeout(() => stop.abort(), 10);
  };
  const { message } = await assertRejects(
    () => runWithRetries(failing([new WorkerLost("one")]), trial, watch, stop.signal, { wait: 60 }),
    DOMException,
  );
  assertStringIncludes(message, "aborted");
  assertEquals([runner.runs, events.length], [1, 1]);
});
