import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors, horizontalFlip, LabelledDataset } from "../../lib/data/mod.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { random } from "../../lib/engine/random.ts";
import * as nn from "../../lib/nn/mod.ts";
import { FeatureBank } from "../../lib/training/mod.ts";
import { noLeaks, onEachEngine } from "../tensors.ts";
import {
  compute,
  counting,
  forget,
  network,
  passes,
  pictures,
  plainRows,
  rows,
  transforms,
} from "./frozen_pictures.ts";

/** A test with a folder of its own, which is empty in the end, and no file in it open. */
function bankTest(name: string, run: (folder: string) => Promise<void>): void {
  noLeaks(name, async () => {
    const folder = await Deno.makeTempDir();
    await run(folder);
    assertEquals([...Deno.readDirSync(folder)], []);
    if (Deno.build.os === "linux") assertEquals(openFiles(folder), []);
    await Deno.remove(folder, { recursive: true });
  });
}

/** The files of a folder that this process has open, those without a name too. */
function openFiles(folder: string): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const path = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // closed since
    }
  });
}

onEachEngine("features are what the stages below make of the pictures, several cuts in one pass", async () => {
  const dataset = pictures(10), model = network(), bank = new FeatureBank();
  const counts = counting(model), passed = passes(dataset);
  const sets = (await compute(bank, model, ["7", "1", "4"], dataset))!;
  assertEquals(sets.map(({ cut, place }) => [cut, place]), [["7", "memory"], ["1", "memory"], ["4", "memory"]]);
  assertEquals(passed.count, 1);
  // one forward for each picture, and none above the last cut
  assertEquals(counts, { 0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 10, 6: 10, 7: 0, 8: 0, 9: 0 });
  for (const { cut, datasets, bytes } of sets) {
    const found = await rows(datasets[0]);
    assertEquals(found, await plainRows(model, cut, dataset), cut);
    assertEquals([datasets.length, datasets[0].length, bytes], [1, 10, 4 * found.flat().length]);
    assertEquals([datasets[0].labels, datasets[0].classes], [dataset.labels, dataset.classes]);
  }
  assertEquals(bank.bytes, { memory: sets.reduce((sum, { bytes }) => sum + bytes, 0), disk: 0 });
  bank.dispose();
  assertEquals(bank.bytes, { memory: 0, disk: 0 });
  forget(model);
});

bankTest(
  "a higher cut that is wanted later comes from the features below it, and not from the pictures",
  async (folder) => {
    for (const bytes of [Infinity, 0]) {
      const dataset = pictures(10), model = network(), bank = new FeatureBank({ bytes, folder });
      const counts = counting(model), passed = passes(dataset);
      await compute(bank, model, ["3"], dataset);
      const [high] = (await compute(bank, model, ["7"], dataset))!;
      assertEquals([passed.count, counts[0], counts[2], counts[3], counts[6]], [1, 10, 10, 10, 10]);
      assertEquals(await rows(high.datasets[0]), await plainRows(model, "7", dataset));
      // of two that are below the nearer one
      Object.keys(counts).forEach((name) => counts[name] = 0);
      await compute(bank, model, ["9"], dataset);
      assertEquals([counts[6], counts[7], counts[8]], [0, 10, 10]);
      // a lower one that is not there comes from the nearest below
      await compute(bank, model, ["5"], dataset);
      assertEquals([counts[2], counts[3], counts[4]], [0, 10, 10]);
      bank.dispose();
      forget(model);
    }
  },
);

bankTest("features that are there are not computed again, whoever asks", async (folder) => {
  const dataset = pictures(8), model = network(), bank = new FeatureBank({ bytes: 0, folder });
  const [first] = (await compute(bank, model, ["4"], dataset))!;
  const twin = network(), counts = counting(twin);
  nn.onForward(model, () => assert(false, "nothing is to run"));
  // other stages above, another order of batches, transforms that say the same
  const way = { batchSize: 3, transforms: { ...transforms } };
  twin.get("9", nn.Linear).weight.reset();
  const [again] = (await compute(bank, twin, ["4"], dataset, way))!;
  assertEquals([again === first, counts[0]], [true, 0]);
  const [, once] = (await compute(bank, twin, ["4", "4"], dataset, way))!;
  assert(once === first);
  bank.dispose();
  forget(model);
  forget(twin);
});

bankTest(
  "each variant of the pictures has its features, also where they come from those of a lower cut",
  async (folder) => {
    const dataset = pictures(6), model = network(), counts = counting(model);
    const bank = new FeatureBank({ folder, bytes: 0 });
    const changes = { augment: horizontalFlip(), variants: 3, seed: 5 };
    await compute(bank, model, ["2"], dataset, changes);
    const [{ datasets }] = (await compute(bank, model, ["5"], dataset, changes))!;
    assertEquals([datasets.length, counts[0], counts[4]], [3, 18, 18]);
    for (const [epoch, variant] of datasets.entries()) {
      assertEquals(await rows(variant), await plainRows(model, "5", dataset, { ...changes, epoch }));
    }
    assertNotEquals(await rows(datasets[0]), await rows(datasets[1]));
    bank.dispose();
    forget(model);
  },
);

/** Changes something, and tells whether features that were there are computed anew because of it. */
async function isComputedAnew(
  change: (model: nn.Sequential) => void,
  first: Parameters<typeof compute>[4] = {},
  second: Parameters<typeof compute>[4] = first,
): Promise<boolean> {
  const dataset = pictures(6), model = network(), bank = new FeatureBank();
  const [before] = (await compute(bank, model, ["5"], dataset, first))!;
  change(model);
  const counts = counting(model);
  const [after] = (await compute(bank, model, ["5"], dataset, second))!;
  assertEquals(counts[0] > 0, after !== before);
  if (after !== before) {
    const way = { ...second, epoch: 0 };
    assertEquals(await rows(after.datasets[0]), await plainRows(model, "5", dataset, way));
  }
  const { memory } = bank.bytes; // those of before make room
  assertEquals(memory, after.bytes);
  bank.dispose();
  forget(model);
  return after !== before;
}

/** Adds a little to one number of a tensor. */
function nudge(variable: tf.Variable): void {
  const values = variable.dataSync().slice();
  values[1] += 1e-6;
  const changed = tf.tensor(values, variable.shape);
  variable.assign(changed);
  changed.dispose();
}

noLeaks("a network that differs below the cut is not served another's features", async () => {
  const changes: Record<string, (model: nn.Sequential) => void> = {
    "one weight": (model) => nudge(model.get("3", nn.Conv2d).weight.value),
    "one bias": (model) => nudge(model.get("3", nn.Conv2d).bias!.value),
    "a running mean": (model) => nudge(model.get("1", nn.BatchNorm2d).running_mean!.value),
    "another layer": (model) => Object.assign(model, { 4: new nn.ReLU6() }),
  };
  for (const [what, change] of Object.entries(changes)) assertEquals(await isComputedAnew(change), true, what);
});

noLeaks("a network that differs above the cut, or in nothing that is computed with, is served", async () => {
  const changes: Record<string, (model: nn.Sequential) => void> = {
    nothing: () => {},
    "a weight above": (model) => nudge(model.get("7", nn.Linear).weight.value),
    "another head": (model) => {
      forget(model.get("9"));
      Object.assign(model, { 9: new nn.Linear(8, 5) });
    },
    "the count of batches": (model) => model.get("1", nn.BatchNorm2d).num_batches_tracked!.value++,
    "the mode": (model) => model.train(),
  };
  for (const [what, change] of Object.entries(changes)) assertEquals(await isComputedAnew(change), false, what);
});

noLeaks("pictures that are prepared or changed in another way are other ones", async () => {
  const anew = (first: Parameters<typeof compute>[4], second: Parameters<typeof compute>[4]) =>
    isComputedAnew(() => {}, first, second);
  const changed = { flip: true, variants: 2, seed: 1 }, augment = horizontalFlip();
  assertEquals(await anew({}, { transforms: { ...transforms, resize: 9 } }), true, "another size");
  assertEquals(await anew({}, { transforms: { ...transforms, mean: [0.5, 0.5, 0.4] } }), true, "another mean");
  assertEquals(await anew({}, changed), true, "flips");
  assertEquals(await anew(changed, { ...changed, seed: 2 }), true, "another seed");
  assertEquals(await anew(changed, { ...changed, variants: 3 }), true, "more variants");
  assertEquals(await anew({ ...changed, augment }, { ...changed, augment: horizontalFlip() }), true, "another change");
  assertEquals(await anew({ ...changed, augment }, { ...changed, augment }), false, "the same change");
  assertEquals(await anew(changed, { ...changed, batchSize: 5 }), false, "other batches");
});

bankTest("small features go to memory first, and what has no room there to disk: the same bits", async (folder) => {
  const dataset = pictures(12), model = network();
  const cuts = ["1", "4", "7"]; // 8·8·4, 3·3·6 and 6 numbers for each picture
  const expected = await Promise.all(cuts.map((cut) => plainRows(model, cut, dataset)));
  for (
    const [bytes, places] of [
      [12 * 4 * (54 + 6), ["disk", "memory", "memory"]],
      [12 * 4 * (54 + 6) - 1, ["disk", "disk", "memory"]],
      [12 * 4 * (256 + 54 + 6), ["memory", "memory", "memory"]],
      [0, ["disk", "disk", "disk"]],
    ] as const
  ) {
    const bank = new FeatureBank({ bytes, folder });
    const sets = (await compute(bank, model, cuts, dataset))!;
    assertEquals(sets.map(({ place }) => place), [...places]);
    for (const [i, { datasets }] of sets.entries()) assertEquals(await rows(datasets[0]), expected[i]);
    const sum = (place: string) => sets.reduce((total, one) => one.place === place ? total + one.bytes : total, 0);
    assertEquals(bank.bytes, { memory: sum("memory"), disk: sum("disk") });
    bank.dispose();
  }
  // what is kept already counts
  const bank = new FeatureBank({ bytes: 12 * 4 * 6 + 11 * 4 * 6, folder });
  assertEquals((await compute(bank, model, ["7"], dataset))![0].place, "memory");
  assertEquals((await compute(bank, model, ["7"], pictures(12)))![0].place, "disk");
  bank.dispose();
  forget(model);
});

bankTest("features that a training uses stay, whatever else is asked for", async (folder) => {
  const dataset = pictures(6), one = network(), other = network("9", 2), third = network("9", 3);
  const bank = new FeatureBank({ bytes: 0, folder });
  const sets = (await compute(bank, one, ["5"], dataset))!;
  const letGo = bank.hold(sets), letGoToo = bank.hold(sets);
  await compute(bank, other, ["5"], dataset);
  const expected = await plainRows(one, "5", dataset);
  assertEquals(await rows(sets[0].datasets[0]), expected);
  letGo();
  await compute(bank, third, ["5"], dataset);
  assertEquals(await rows(sets[0].datasets[0]), expected); // another one still uses it
  letGoToo();
  await compute(bank, other, ["5"], dataset);
  await assertRejects(() => rows(sets[0].datasets[0]), Error, "Cannot read features: expected their file to be open");
  bank.dispose();
  [one, other, third].forEach((model) => forget(model));
});

bankTest("features that others are being computed from stay meanwhile", async (folder) => {
  const dataset = pictures(60), one = network(), other = network("9", 2);
  const bank = new FeatureBank({ bytes: 0, folder });
  await compute(bank, one, ["3"], dataset);
  let second: ReturnType<typeof compute> | undefined;
  nn.onForward(one.get("4"), () => void (second ??= compute(bank, other, ["3"], dataset)));
  const [high] = (await compute(bank, one, ["6"], dataset))!;
  assertEquals(await rows(high.datasets[0]), await plainRows(one, "6", dataset));
  assertEquals(await rows((await second!)![0].datasets[0]), await plainRows(other, "3", dataset));
  bank.dispose();
  [one, other].forEach((model) => forget(model));
});

noLeaks("what is drawn at random later does not depend on whether features were there", async () => {
  const dataset = pictures(6), model = network(), bank = new FeatureBank();
  for (let time = 0; time < 2; time++) {
    const before = random.save();
    await compute(bank, model, ["3"], dataset);
    await compute(bank, model, ["5"], dataset);
    assertEquals(random.save(), before);
  }
  bank.dispose();
  forget(model);
});

bankTest("what breaks off leaves nothing behind", async (folder) => {
  const model = network();
  for (const bytes of [Infinity, 0]) {
    const bank = new FeatureBank({ bytes, folder });
    const stop = new AbortController();
    const counts = counting(model);
    nn.onForward(model.get("0"), () => counts[0] >= 8 && stop.abort());
    assertEquals(await compute(bank, model, ["3", "5"], pictures(20), {}, stop.signal), undefined);
    assertEquals([counts[0], bank.bytes], [8, { memory: 0, disk: 0 }]);
    const good = { width: 8, height: 8, data: new Uint8Array(192) };
    const samples = pictureSamples([...Array(9).fill(good), "no such picture.png"]);
    const broken = new LabelledDataset(samples, { name: "broken", classes: ["a"], labels: Array(10).fill(0) });
    await assertRejects(() => compute(bank, model, ["3"], broken), Error, 'Cannot read "no such picture.png"');
    assertEquals(bank.bytes, { memory: 0, disk: 0 });
    // an error within the network, of the second batch
    const x = tf.ones([6, 8, 8, 3]);
    const images = fromTensors(x, [0, 1, 2, 0, 1, 2]);
    let calls = 0;
    const remove = nn.onForward(model.get("4"), () => {
      if (++calls === 2) throw new Error("a bad batch");
    });
    await assertRejects(() => compute(bank, model, ["3", "5"], images), Error, "a bad batch");
    remove();
    x.dispose();
    bank.dispose();
  }
  forget(model);
});

Deno.test("a bank's options are checked", async () => {
  const fail = (bytes: unknown) => () => Promise.resolve().then(() => new FeatureBank({ bytes: bytes as number }));
  for (const bytes of [-1, NaN, "many"]) {
    const message = `Cannot keep features: expected bytes to be a number ≥ 0, found ${bytes}`;
    await assertRejects(fail(bytes), RangeError, message);
  }
});
