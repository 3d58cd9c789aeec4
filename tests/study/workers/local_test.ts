import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { engine, usePrecision } from "../../../lib/engine/mod.ts";
import { runWithRetries } from "../../../lib/study/trials/retry.ts";
import { type TrialEvent, WorkerLost } from "../../../lib/study/trials/trial.ts";
import { TrialRunner } from "../../../lib/study/trials/trial_runner.ts";
import { LocalWorkers } from "../../../lib/study/workers/local.ts";
import { readLines } from "../../../lib/study/workers/lines.ts";
import { experiment, forgetPictures, trial } from "./small.ts";
import { assertSameResult, eventually, isRunning, never, pidOf, watching } from "./support.ts";

Deno.test("local workers: trials come to what they come to in this process", async () => {
  const before = tf.memory().numTensors;
  const here = new TrialRunner(experiment());
  const workers = new LocalWorkers(experiment(), 2);
  const { events, watch } = watching();
  const trials = [trial("a"), trial("b", { seed: 4, setting: { until: "0", start: "AnB+" } })];
  const results = await Promise.all(trials.map((one) => workers.run(one, watch, never)));
  for (const [i, result] of results.entries()) assertSameResult(result, await here.run(trials[i], () => {}, never));
  assertEquals(events.filter(({ kind }) => kind === "epoch").length, 6);
  const pids = results.map(pidOf);
  assertNotEquals(pids[0], pids[1]); // each had a process of its own
  assert(pids.includes(pidOf(await workers.run(trial("c"), watch, never))), "a process stays for further trials");
  await workers.close();
  assertEquals(await Promise.all(pids.map(isRunning)), [false, false]);
  await here.close();
  forgetPictures();
  assert(tf.memory().numTensors <= before, "tensors left behind");
});

Deno.test("local workers: compute in the precision that this process has when they are started", {
  ignore: engine().backend !== "tensorflow",
}, async () => {
  usePrecision("bfloat16");
  const workers = new LocalWorkers(experiment({ prints: "so" }), 1);
  usePrecision("float32");
  const { watch, logs } = watching();
  await workers.run(trial("a"), watch, never);
  assertStringIncludes(logs(), "computes in bfloat16");
  await workers.close();
});

Deno.test("local workers: what a user's code prints is told, and mistaken for nothing", async () => {
  const workers = new LocalWorkers(experiment({ prints: "half a line" }), 1);
  const { watch, logs, events } = watching();
  const { history } = await workers.run(trial("a"), watch, never);
  assertEquals(history.length, 3);
  assertEquals(events.filter(({ kind }) => kind === "epoch").length, 3);
  for (const text of ["::thaw:: half a line", "\nhalf a line\n", "\npid "]) assertStringIncludes(`\n${logs()}\n`, text);
  await workers.close();
});

Deno.test("local workers: a trial's own error arrives as it is, and costs no process", async () => {
  const folder = await Deno.makeTempDir();
  const workers = new LocalWorkers(experiment({ dies: "throw", diesWithout: join(folder, "once") }), 1);
  await assertRejects(
    () => workers.run(trial("a"), () => {}, never),
    RangeError,
    "Cannot make the network: expected ½ a reason, found ünsound ones",
  );
  assertEquals((await workers.run(trial("b"), () => {}, never)).history.length, 3);
  await workers.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("local workers: a process that dies is lost, with its last words, and another takes its place", async () => {
  for (const [dies, found] of [["exit", "ended with exit code 7"], ["kill", "was ended by SIGKILL"]] as const) {
    const folder = await Deno.makeTempDir();
    const workers = new LocalWorkers(experiment({ dies, diesWithout: join(folder, "once") }), 1);
    const { message } = await assertRejects(() => workers.run(trial("a"), () => {}, never), WorkerLost);
    assertStringIncludes(message, `in the middle of trial "a": expected a result, found that it ${found}`);
    assertStringIncludes(message, "the last words");
    assertEquals((await workers.run(trial("a"), () => {}, never)).history.length, 3);
    await workers.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("local workers: one that dies between two trials is replaced", async () => {
  const workers = new LocalWorkers(experiment(), 1);
  const pid = pidOf(await workers.run(trial("a"), () => {}, never));
  Deno.kill(pid, "SIGKILL");
  await eventually("the process is gone", async () => !(await isRunning(pid)));
  // It may take a moment until this process hears of it: a trial that was given to the dead is lost, and tried again.
  assertNotEquals(pidOf(await runWithRetries(workers, trial("b"), () => {}, never, { wait: 0 })), pid);
  await workers.close();
});

Deno.test("local workers: retries get through where a worker dies once, and give up where each one does", async () => {
  const folder = await Deno.makeTempDir();
  const options = { retries: 2, wait: 0 };
  const once = new LocalWorkers(experiment({ dies: "exit", diesWithout: join(folder, "once") }), 1);
  const { watch, logs } = watching();
  assertEquals((await runWithRetries(once, trial("a"), watch, never, options)).history.length, 3);
  assertStringIncludes(logs(), "Trying a again, 1 of 2 times");
  await once.close();
  const always = new LocalWorkers(experiment({ dies: "exit" }), 1);
  const events: TrialEvent[] = [];
  const run = runWithRetries(always, trial("a"), (event) => events.push(event), never, { retries: 1, wait: 0 });
  await assertRejects(() => run, WorkerLost, "exit code 7");
  await always.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("local workers: a stop ends the trial after its step, and what is done is there", async () => {
  const workers = new LocalWorkers(experiment({}, { delay: 100 }), 1);
  const { watch, first } = watching();
  const stop = new AbortController();
  const running = workers.run(trial("a", { epochs: 1000 }), watch, stop.signal);
  await first(({ kind }) => kind === "epoch");
  stop.abort();
  const { history, best } = await running;
  assert(history.length >= 1 && history.length < 20, `${history.length} epochs`);
  assert(best !== undefined);
  assertEquals((await workers.run(trial("b", { epochs: 1 }), watch, never)).history.length, 1); // and it goes on
  await assertRejects(() => workers.run(trial("c"), watch, stop.signal), DOMException, "aborted");
  await workers.close();
});

Deno.test("local workers: an interrupt of the whole group ends no worker", async () => {
  const workers = new LocalWorkers(experiment({ prints: "" }, { delay: 20 }), 1);
  const { watch, first, logs } = watching();
  const running = workers.run(trial("a"), watch, never);
  await first(({ kind }) => kind === "epoch");
  Deno.kill(Number(/pid (\d+)/.exec(logs())![1]), "SIGINT");
  assertEquals((await running).history.length, 3);
  await workers.close();
});

Deno.test("local workers: a worker that does not stop is ended", async () => {
  const entry = `data:application/typescript,${
    encodeURIComponent("Deno.addSignalListener('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('here')")
  }`;
  const workers = new LocalWorkers(experiment(), 1, { entry, stopSeconds: 0.2 });
  const { watch, first } = watching();
  const stop = new AbortController();
  const running = workers.run(trial("a"), watch, stop.signal);
  await first(({ kind }) => kind === "log");
  stop.abort();
  await assertRejects(() => running, DOMException, "aborted");
  await workers.close();
});

Deno.test("local workers: a worker ends when its owner is killed, in the middle of a trial", async () => {
  const owner = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("./owner.ts", import.meta.url).href],
    stdout: "piped",
    stderr: "null",
    stdin: "null",
  }).spawn();
  let pid = 0;
  for await (const line of readLines(owner.stdout)) {
    pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
    if (line !== "training") continue;
    assert(await isRunning(pid));
    owner.kill("SIGKILL");
    break;
  }
  await owner.status;
  await eventually("the worker has ended", async () => !(await isRunning(pid)));
});
