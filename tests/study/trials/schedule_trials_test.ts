import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { runTrials } from "../../../lib/study/trials/schedule_trials.ts";
import { type Trial, WorkerLost } from "../../../lib/study/trials/trial.ts";
import { inFolder, ScriptedRunner, until, workshop } from "../splits/scripted.ts";

function trial(name: string, more: Partial<Trial> = {}): Trial {
  return { id: `${name}-seed0`, setting: { until: name }, seed: 0, task: "train", epochs: 3, ...more };
}

const names = ["a", "b", "c", "d", "e"];
const trials = names.map((name) => trial(name));
const good = (_trial: Trial, epoch: number) => epoch / 10;

Deno.test("schedule: as many trials at a time as there are workers, in order, each to its end", () =>
  inFolder(async (folder) => {
    for (const slots of [1, 2, 3, 9]) {
      const runner = new ScriptedRunner(good, slots);
      const shop = await workshop(runner, `${folder}/${slots}`);
      const results = await runTrials(trials, shop);
      assertEquals(results.map((one) => [one!.id, one!.history.length]), trials.map(({ id }) => [id, 3]));
      assertEquals(runner.most, Math.min(slots, 5));
      assertEquals(Object.values(shop.states()), Array(5).fill("done"));
      const begun = runner.computed.filter((one) => one.endsWith(" 1")).map((one) => one[0]);
      assertEquals(begun, names);
      for (const [i, { id }] of trials.entries()) assertEquals(shop.folder.result(id), results[i]);
    }
  }));

Deno.test("schedule: a runner of this machine is told where a trial's files are, another one is not", () =>
  inFolder(async (folder) => {
    for (const sharesFiles of [true, false]) {
      const runner = new ScriptedRunner(good);
      const told: (string | undefined)[] = [];
      runner.beforeEpoch = (trial) => told.push(trial.folder);
      const shop = await workshop(Object.assign(runner, { sharesFiles }), `${folder}/${sharesFiles}`);
      await runTrials([trial("a", { epochs: 1 })], shop);
      assertEquals(told, [sharesFiles ? shop.folder.trialFolder("a-seed0") : undefined]);
    }
  }));

Deno.test("schedule: what is done already is not computed again, what was begun is finished", () =>
  inFolder(async (folder) => {
    const first = new ScriptedRunner(good);
    const shop = await workshop(first, folder);
    await runTrials([trial("b"), trial("c", { pauseAfter: 1 })], shop);
    const second = new ScriptedRunner(good, 1, first.checkpoints);
    const again = await workshop(second, folder);
    const results = await runTrials([trial("a"), trial("b"), trial("c")], again);
    assertEquals(second.computed, ["a 1", "a 2", "a 3", "c 2", "c 3"]);
    assertEquals(results.map((one) => one!.history.length), [3, 3, 3]);
    assertEquals(again.states(), { "a-seed0": "done", "b-seed0": "done", "c-seed0": "done" });
    assertEquals(results[2]!.seconds, 3); // of both parts
    // nothing to do at all
    assertEquals((await runTrials([trial("b")], again)).length, 1);
    assertEquals(await runTrials([], again), []);
  }));

Deno.test("schedule: a lost worker is told, and the others go on; later it is tried again", () =>
  inFolder(async (folder) => {
    for (const slots of [1, 3]) {
      const runner = new ScriptedRunner(good, slots);
      const shop = await workshop(runner, `${folder}/${slots}`);
      let lost = 0;
      runner.beforeEpoch = (trial, epoch) => {
        if (until(trial) !== "b" || epoch !== 2) return;
        lost++;
        throw new WorkerLost("Lost the process 7");
      };
      const results = await runTrials(trials, shop);
      assertEquals(results.map((one) => one?.history.length), [3, undefined, 3, 3, 3]);
      assertEquals(lost, 2); // tried again once
      assertEquals(shop.states()["b-seed0"], "failed: Lost the process 7");
      assertStringIncludes(
        JSON.stringify(shop.board.spec()),
        "b-seed0: Lost the process 7\\nTrying b-seed0 again, 1 of 1",
      );
      runner.beforeEpoch = undefined;
      assertEquals((await runTrials(trials, shop)).map((one) => one?.history.length), [3, 3, 3, 3, 3]);
      assertEquals(shop.states()["b-seed0"], "done");
      assertEquals(runner.computed.filter((one) => one.startsWith("b")), ["b 1", "b 2", "b 3"]);
    }
  }));

Deno.test("schedule: a mistake ends it, once those that run have come to their end", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(good, 2);
    const shop = await workshop(runner, folder);
    runner.beforeEpoch = (trial) => {
      if (until(trial) === "a") throw new RangeError("no such stage");
    };
    await assertRejects(() => runTrials(trials, shop), RangeError, "no such stage");
    assertEquals(runner.running, 0);
    assertEquals(runner.computed, ["b 1", "b 2", "b 3"]);
    assertEquals(shop.folder.result("b-seed0")!.history.length, 3); // what is done stays
  }));

Deno.test("schedule: a stop keeps what is done, and no other trial begins", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(good, 2);
    const shop = await workshop(runner, folder);
    runner.beforeEpoch = (trial, epoch) => {
      if (until(trial) === "a" && epoch === 2) shop.stop.abort();
    };
    const results = await runTrials(trials, shop);
    assertEquals(results, Array(5).fill(undefined));
    assertEquals(shop.folder.result("a-seed0")!.history.length, 2);
    assert(runner.computed.every((one) => /^[ab]/.test(one)), String(runner.computed));
    const states = shop.states();
    assertEquals(names.map((name) => states[`${name}-seed0`]), ["paused", "paused", "waiting", "waiting", "waiting"]);
    // stopped before it begins
    const other = new ScriptedRunner(good);
    const stopped = await workshop(other, `${folder}/other`);
    stopped.stop.abort();
    assertEquals(await runTrials([trial("a")], stopped), [undefined]);
    assertEquals(other.most, 0);
  }));

Deno.test("schedule: a stop that finds a trial without any result is no failure", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(good);
    const shop = await workshop(runner, folder);
    runner.beforeEpoch = () => { // as workers do that have nothing to give yet
      shop.stop.abort();
      shop.signal.throwIfAborted();
    };
    assertEquals(await runTrials(trials, shop), Array(5).fill(undefined));
    assertEquals(shop.states()["a-seed0"], "waiting");
    assertEquals(shop.folder.result("a-seed0"), undefined);
    // also while it waits for another try
    const lost = new ScriptedRunner(good);
    const waiting = await workshop(lost, `${folder}/other`);
    lost.beforeEpoch = () => {
      setTimeout(() => waiting.stop.abort(), 5);
      throw new WorkerLost("Lost the process 7");
    };
    const started = performance.now();
    const results = await runTrials([trial("a")], { ...waiting, retry: { retries: 1, wait: 60 } });
    assertEquals(results, [undefined]);
    assert(performance.now() - started < 20_000);
  }));

Deno.test("schedule: no trial begins once the time is over, those that run come to their end", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(good, 2);
    const shop = await workshop(runner, folder, () => runner.computed.length < 4);
    const results = await runTrials(trials, shop);
    assertEquals(results.map((one) => one?.history.length), [3, 3, undefined, undefined, undefined]);
    assertEquals(runner.computed.length, 6);
  }));

Deno.test("schedule: questions are answered like trials", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(good);
    const shop = await workshop(runner, folder);
    const asked = [trial("a", { id: "a-rate", task: "rate", epochs: 0 }), trial("b", { id: "b-probe", task: "probe" })];
    const [rate, probe] = await runTrials(asked, shop);
    assertEquals([rate!.learningRate, probe!.probe], [0.1, 0.5]);
    assertEquals(shop.states(), {
      "a-rate": "done: rate 0.1",
      "b-probe": "done: a linear head on its features: 50.0%",
    });
    await runTrials(asked, shop);
    assertEquals(runner.asked.length, 2);
  }));
