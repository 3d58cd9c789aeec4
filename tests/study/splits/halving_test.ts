import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import "../../../lib/engine/mod.ts";
import { type LeftOut, rungs, searchHalving } from "../../../lib/study/splits/halving.ts";
import { sureness } from "../../../lib/study/trials/noise.ts";
import { type SplitPlan, trialOf } from "../../../lib/study/splits/split_plan.ts";
import { type Trial, WorkerLost } from "../../../lib/study/trials/trial.ts";
import { inFolder, ScriptedRunner, until, workshop } from "./scripted.ts";

const splits = ["a", "b", "c", "d", "e", "head"]; // all trains from a on, nothing but the head from head on
const costs = new Map([["a", 100], ["b", 90], ["c", 80], ["d", 70], ["e", 60], ["head", 1]]);

function planOf(more: Partial<SplitPlan> = {}): SplitPlan {
  return { splits, divided: splits.slice(1), starts: ["pretrained"], seeds: [0], epochs: 8, costs, ...more };
}

/** A script that gives each split its accuracy from the start, and a little more with each epoch. */
function steady(accuracies: Record<string, number>) {
  return (trial: Trial, epoch: number) => accuracies[until(trial)] + epoch / 1e4;
}

const close = steady({ a: 0.5, b: 0.54, c: 0.58, d: 0.56, e: 0.52, head: 0.4 }); // too close for so few pictures
const few = 10;

/** How many epochs each split has had. */
function epochsOf({ computed }: ScriptedRunner): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of computed.map((one) => one.split(" ")[0])) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Who was left out after which epoch. */
function told(leftOut: readonly LeftOut[]): Record<string, number> {
  return Object.fromEntries(leftOut.map(({ split, after }) => [split, after]));
}

Deno.test("halving: splits are compared after 1, 2, 4 … epochs and at the end", () => {
  assertEquals([1, 2, 3, 4, 5, 8, 9].map((epochs) => rungs(epochs)), [
    [1],
    [1, 2],
    [1, 2, 3],
    [1, 2, 4],
    [1, 2, 4, 5],
    [1, 2, 4, 8],
    [1, 2, 4, 8, 9],
  ]);
});

Deno.test("halving: the better half goes on, what costs next to nothing is trained to the end whatever it begins with", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    const shop = await workshop(runner, folder);
    const leftOut = await searchHalving(planOf(), shop, few);
    assertEquals(told(leftOut), { e: 1, a: 1, b: 2, d: 4 });
    // no epoch is trained twice, and none more than was said
    assertEquals(epochsOf(runner), { head: 8, a: 1, b: 2, c: 8, d: 4, e: 1 });
    assertEquals(new Set(runner.computed).size, runner.computed.length);
    assertLess(runner.computed.length, 8 * splits.length / 2 + 1); // half of what the grid would have trained
    // what little costs first: the head gets its epochs before any other has a second one
    assert(runner.computed.indexOf("head 8") < runner.computed.findIndex((one) => /^[a-e] 2$/.test(one)));
    const d = leftOut.find(({ split }) => split === "d")!;
    assertEquals([d.accuracy, d.best], [0.56 + 4e-4, 0.58 + 4e-4]);
    assertAlmostEquals(d.sureness, sureness(d.best, d.accuracy, few), 1e-12);
    const states = shop.states();
    assertEquals(
      splits.map((split) => states[`${split}-seed0`]),
      [
        "left out: 50.0 % after epoch 1",
        "left out: 54.0 % after epoch 2",
        "done",
        "left out: 56.0 % after epoch 4",
        "left out: 52.0 % after epoch 1",
        "done",
      ],
    );
  }));

Deno.test("halving: a head is tried on the features below each split that has something below", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    await searchHalving(planOf({ epochs: 1 }), await workshop(runner, folder), few);
    assertEquals(runner.asked, ["head probe", "e probe", "d probe", "c probe", "b probe"]);
    await inFolder(async (other) => {
      const all = new ScriptedRunner(close);
      await searchHalving(planOf({ epochs: 1, starts: ["AnB+"] }), await workshop(all, other), few);
      assertEquals(all.asked, []); // everything trains: there are no features that stay
    });
  }));

Deno.test("halving: of one epoch it is the grid", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    assertEquals(await searchHalving(planOf({ epochs: 1 }), await workshop(runner, folder), few), []);
    assertEquals(runner.computed.length, splits.length);
  }));

Deno.test("halving: what is surely behind goes before its half's turn, as soon as there are pictures enough to tell", () =>
  inFolder(async (folder) => {
    // 0.54 against 0.58: 1.8 standard deviations on 1,000 pictures, 3.6 on 4,000
    for (const [count, after] of [[1000, 2], [4000, 1]] as const) {
      const runner = new ScriptedRunner(close);
      const leftOut = await searchHalving(planOf(), await workshop(runner, `${folder}/${count}`), count);
      const b = leftOut.find(({ split }) => split === "b")!;
      assertEquals([b.after, told(leftOut).d], [after, 4 - (count === 4000 ? 2 : 0)]);
      assertEquals(b.sureness >= 0.98, count === 4000);
      assertEquals(epochsOf(runner).c, 8);
    }
  }));

Deno.test("halving: where the cheap ones are surely ahead, nothing else gets a second epoch", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(steady({ a: 0.1, b: 0.2, c: 0.3, d: 0.2, e: 0.1, head: 0.9 }));
    const leftOut = await searchHalving(planOf(), await workshop(runner, folder), 100);
    assertEquals(told(leftOut), { a: 1, b: 1, c: 1, d: 1, e: 1 });
    assertEquals(epochsOf(runner), { head: 8, a: 1, b: 1, c: 1, d: 1, e: 1 });
    assert(leftOut.every(({ best, sureness }) => best === 0.9 + 1e-4 && sureness > 0.98));
  }));

Deno.test("halving: a slow beginner that is cheap comes to its end; its best epoch counts, not its last", () =>
  inFolder(async (folder) => {
    const slow = (trial: Trial, epoch: number) =>
      until(trial) === "head" ? [0.1, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95][epoch - 1] : close(trial, epoch);
    const falls = (trial: Trial, epoch: number) => until(trial) === "c" && epoch > 1 ? 0.01 : slow(trial, epoch); // its first epoch was good
    const runner = new ScriptedRunner(falls);
    const shop = await workshop(runner, folder);
    const leftOut = await searchHalving(planOf(), shop, few);
    assertEquals(epochsOf(runner), { head: 8, a: 1, b: 2, c: 8, d: 4, e: 1 });
    assertEquals(told(leftOut), { e: 1, a: 1, b: 2, d: 4 });
    assertEquals(shop.folder.result("head-seed0")!.best!.validationAccuracy, 0.95);
  }));

Deno.test("halving: what is cheap is told by cost alone, a tenth of the grid at most", () =>
  inFolder(async (folder) => {
    const spent = async (costs: number[], name: string, starts: SplitPlan["starts"] = ["pretrained"]) => {
      const runner = new ScriptedRunner(steady({ a: 0.9, b: 0.8, c: 0.7, d: 0.1, e: 0.1, head: 0.1 }));
      const map = new Map(splits.map((split, i) => [split, costs[i]]));
      await searchHalving(planOf({ costs: map, starts }), await workshop(runner, `${folder}/${name}`), 1000);
      return splits.filter((split) => epochsOf(runner)[split] === 8).join(" ");
    };
    assertEquals(await spent([50, 30, 10, 5, 4, 1], "three"), "a d e head"); // 10 of 100
    assertEquals(await spent([50, 30, 10, 5, 5, 1], "two"), "a e head"); // 11 of 101
    assertEquals(await spent([1, 1, 1, 1, 1, 1], "none"), "a");
    assertEquals(await spent([50, 30, 10, 5, 4, 1], "AnB+", ["AnB+"]), "a"); // everything trains in each
  }));

Deno.test("halving: what is left at last is trained from the other seeds too, and nothing else is", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    const plan = planOf({ seeds: [3, 4, 5] });
    const shop = await workshop(runner, folder);
    await searchHalving(plan, shop, few);
    assertEquals(epochsOf(runner), { head: 24, a: 1, b: 2, c: 24, d: 4, e: 1 });
    const ids = plan.seeds.map((seed) => trialOf({ until: "c", start: "pretrained" }, seed, plan).id);
    assertEquals(ids.map((id) => shop.folder.result(id)?.history.length), [8, 8, 8]);
    assertEquals(shop.folder.result("d-seed4"), undefined);
  }));

/** What a search has come to, and what it has computed since it began. */
async function search(folder: string, runner: ScriptedRunner, seeds = [0, 1]) {
  const shop = await workshop(runner, folder);
  const leftOut = await searchHalving(planOf({ seeds, epochs: 5 }), shop, few);
  const ids = splits.flatMap((split) => seeds.map((seed) => `${split}-seed${seed}`));
  const results = ids.map((id) => shop.folder.result(id)).map((one) => one && [one.history, one.best, one.seconds]);
  return { leftOut, results };
}

Deno.test("halving: stopped at any moment and gone on with, it comes to the same, and trains nothing twice", () =>
  inFolder(async (folder) => {
    const whole = new ScriptedRunner(close);
    const expected = await search(`${folder}/whole`, whole);
    for (let moment = 1; moment <= whole.computed.length; moment += 3) {
      const path = `${folder}/${moment}`;
      const first = new ScriptedRunner(close);
      const shop = await workshop(first, path);
      first.beforeEpoch = () => first.computed.length + 1 === moment && shop.stop.abort();
      await searchHalving(planOf({ seeds: [0, 1], epochs: 5 }), shop, few);
      assertEquals(first.computed.length, moment); // the epoch that is begun is finished, and no other begins
      const second = new ScriptedRunner(close, 1, first.checkpoints);
      assertEquals(await search(path, second), expected, `stopped in epoch ${moment}`);
      assertEquals([...first.computed, ...second.computed], whole.computed);
    }
  }));

Deno.test("halving: killed at any moment and gone on with, it comes to the same", () =>
  inFolder(async (folder) => {
    const whole = new ScriptedRunner(close, 2);
    const expected = await search(`${folder}/whole`, whole);
    const timeless = ({ leftOut, results }: typeof expected) => ({
      leftOut,
      results: results.map((one) => one && one.slice(0, 2)), // the time of a part that was killed is lost
    });
    for (let moment = 0; moment < whole.computed.length; moment += 3) {
      const path = `${folder}/${moment}`;
      const first = new ScriptedRunner(close, 2);
      first.beforeEpoch = () => {
        if (first.computed.length >= moment) throw new Error("killed");
      };
      await assertRejects(() => search(path, first), Error, "killed");
      const second = new ScriptedRunner(close, 2, first.checkpoints);
      assertEquals(timeless(await search(path, second)), timeless(expected), `killed before epoch ${moment + 1}`);
      assertEquals([...first.computed, ...second.computed].sort(), [...whole.computed].sort());
    }
  }));

Deno.test("halving: done already, it computes nothing and says the same", () =>
  inFolder(async (folder) => {
    const expected = await search(folder, new ScriptedRunner(close));
    const again = new ScriptedRunner(close);
    assertEquals(await search(folder, again), expected);
    assertEquals([again.computed, again.asked], [[], []]);
  }));

Deno.test("halving: no training begins once the time is over", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    const shop = await workshop(runner, folder, () => runner.computed.length < 9);
    const leftOut = await searchHalving(planOf(), shop, few);
    assertEquals(told(leftOut), { e: 1, a: 1 }); // which needed no more training to tell
    assertEquals(epochsOf(runner), { head: 8, a: 1, b: 1, c: 1, d: 1, e: 1 });
  }));

Deno.test("halving: a split whose workers are lost is out of it, and the others go on", () =>
  inFolder(async (folder) => {
    const runner = new ScriptedRunner(close);
    const shop = await workshop(runner, folder);
    let lost = 0;
    runner.beforeEpoch = (trial, epoch) => {
      if (until(trial) !== "c" || epoch !== 2) return;
      lost++;
      throw new WorkerLost("the power failed");
    };
    const leftOut = await searchHalving(planOf({ seeds: [0, 1] }), shop, few);
    assertEquals(lost, 2); // it was tried again
    // c had one epoch; of d and b, which were left, the better one is trained to the end, and from the other seed
    assertEquals(told(leftOut), { e: 1, a: 1, b: 2 });
    assertEquals(epochsOf(runner), { head: 16, a: 1, b: 2, c: 1, d: 16, e: 1 });
    assertEquals(shop.states()["c-seed0"], "failed: the power failed");
  }));
