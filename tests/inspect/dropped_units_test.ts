import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { data, type DroppedUnits, droppedUnits, freeze, nn, toText } from "thaw";
import { random } from "../../lib/engine/random.ts";
import { noLeaks, release } from "../tensors.ts";
import { convNet, picture, stateOf, transforms } from "./dropout_nets.ts";

/** What enters "drop" in evaluation. */
async function entering(model: nn.Sequential): Promise<Float32Array> {
  const input = await data.preprocess([picture(1)], transforms);
  const stages = model.stages();
  const below = stages.slice(0, stages.findIndex(({ name }) => name === "drop"));
  const output = nn.inMode(model, false, () => tf.tidy(() => nn.runStages(below, input)));
  const values = await output.data() as Float32Array;
  tf.dispose([input, output]);
  return values;
}

/** The pixels of a shown picture that are marked as dropped, as a share. */
async function markedShare(png: string | Uint8Array): Promise<number> {
  const { data: bytes } = await sharp(png as Uint8Array).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let marked = 0;
  for (let i = 0; i < bytes.length; i += 3) if (bytes[i] === 213 && bytes[i + 1] === 94 && bytes[i + 2] === 0) marked++;
  return 3 * marked / bytes.length;
}

noLeaks("droppedUnits: what enters a dropout layer, and what each pass drops of it", async () => {
  const model = convNet(new nn.Dropout(0.3));
  const expected = await entering(model);
  const found = await droppedUnits(model, picture(1), { passes: 4 });
  assertEquals([found.layer, found.type, found.p, found.shape], ["drop", "Dropout", 0.3, [1, 40]]);
  found.activations.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
  assertEquals(found.passes.length, 4);
  for (const { dropped, share, mean } of found.passes) {
    assertEquals(dropped.length, 40);
    assertAlmostEquals(share, dropped.reduce((sum, one) => sum + one, 0) / 40, 1e-12);
    const output = found.activations.map((value, i) => dropped[i] ? 0 : value / 0.7);
    assertAlmostEquals(mean, output.reduce((sum, value) => sum + value, 0) / 40, 1e-5);
  }
  assertEquals(new Set(found.passes.map(({ dropped }) => String(dropped))).size, 4, "each pass drops others");
  release(model);
});

noLeaks("droppedUnits: dropped is what forward sets to 0, also where a unit was 0 before, at every rate", async () => {
  for (const drop of [new nn.Dropout(0.8), new nn.AlphaDropout(0.5), new nn.Dropout(1)]) {
    const net = new nn.Sequential(drop);
    const x = tf.tidy(() => tf.concat([tf.zeros([1, 500]), tf.ones([1, 500])], 1));
    const { passes, activations } = await droppedUnits(net, x, { passes: 1 });
    const [{ dropped, share }] = passes;
    assertLess(Math.abs(share - drop.p), 5 * Math.sqrt(drop.p * (1 - drop.p) / 1000) + 1e-9, `p ${drop.p}`);
    const halves = [dropped.subarray(0, 500), dropped.subarray(500)];
    for (const half of halves) {
      const own = half.reduce((sum, one) => sum + one, 0) / 500;
      assertLess(Math.abs(own - drop.p), 5 * Math.sqrt(drop.p * (1 - drop.p) / 500) + 1e-9);
    }
    assertEquals(activations.length, 1000);
    x.dispose();
  }
});

noLeaks("droppedUnits: the same from a seed; network and random generator are as they were", async () => {
  const model = convNet();
  freeze(model, { until: "head" }); // dropout is frozen too: it is shown all the same
  model.train();
  model.get("relu").eval();
  const [state, drawn] = [await stateOf(model), random.save()];
  const [a, b, c] = [
    await droppedUnits(model, picture(1), { seed: 3 }),
    await droppedUnits(model, picture(1), { seed: 3 }),
    await droppedUnits(model, picture(1), { seed: 4 }),
  ];
  const drops = ({ passes }: DroppedUnits) => passes.map(({ dropped }) => String(dropped)).join();
  assertEquals(drops(a), drops(b));
  assert(drops(a) !== drops(c));
  assertLess(0, a.passes[0].share);
  assertEquals(await stateOf(model), state);
  assertEquals(random.save(), drawn);
  release(model);
});

noLeaks("droppedUnits: Dropout2d's channels are dropped and marked whole", async () => {
  const model = convNet(new nn.Dropout2d(0.5));
  const found = await droppedUnits(model, picture(1), { channels: 4, passes: 2 });
  assertEquals(found.shape, [1, 8, 8, 6]);
  for (const { dropped } of found.passes) dropped.forEach((one, i) => assertEquals(one, dropped[i % 6]));
  const spec = await found.spec();
  assertEquals(spec.items.map(({ caption }) => caption?.split(":")[0]), ["activations", "pass 1", "pass 2"]);
  assertEquals(await markedShare(spec.items[0].png), 0);
  // the shown channels are those with the largest mean; what is marked is the share of them that was dropped
  const means = Array.from(
    { length: 6 },
    (_, channel) => found.activations.filter((_, i) => i % 6 === channel).reduce((sum, value) => sum + value, 0),
  );
  const shown = [0, 1, 2, 3, 4, 5].toSorted((a, b) => means[b] - means[a]).slice(0, 4);
  for (const [i, { dropped }] of found.passes.entries()) {
    const share = shown.filter((channel) => dropped[channel]).length / 4;
    assertLess(Math.abs(await markedShare(spec.items[i + 1].png) - share), 0.04, "but for the lines between");
  }
  assertStringIncludes(spec.caption!, "the 4 of 6 channels with the largest mean");
  release(model);
});

noLeaks("droppedUnits: a vector's units are cells, marked where they are dropped", async () => {
  const model = convNet(new nn.Dropout(0.25));
  const found = await droppedUnits(model, picture(1), { passes: 2 });
  const spec = await found.spec();
  for (const [i, { share }] of found.passes.entries()) {
    assertLess(Math.abs(await markedShare(spec.items[i + 1].png) - share), 0.06);
  }
  assertStringIncludes(toText(spec), "activations\npass 1: ");
  assertEquals(String(found), found.summary);
  assertStringIncludes(found.summary, "40 units enter drop (Dropout, p 0.25); dropped: ");
  assertStringIncludes(found.summary, "The others are scaled by 1.333");
  release(model);
});

Deno.test("droppedUnits: the network's modes are as they were after an error too", async () => {
  class Broken extends nn.Dropout {
    override forward(x: tf.Tensor): tf.Tensor {
      if (this.isTraining) throw new Error("no such pass");
      return x.clone();
    }
  }
  const net = new nn.Sequential(new Broken(0.5), new nn.Identity()).eval();
  net[0].frozen = true;
  const x = tf.ones([1, 3]);
  const [before, drawn] = [tf.memory().numTensors, random.save()];
  await assertRejects(() => droppedUnits(net, x), Error, "no such pass");
  assertEquals(net.modules().map(({ training }) => training), [false, false, false]);
  assertEquals([net[0].frozen, tf.memory().numTensors], [true, before]);
  assertEquals(random.save(), drawn);
  x.dispose();
});

Deno.test("droppedUnits: what cannot be is said", async () => {
  const x = tf.ones([1, 4]);
  const refuse = async (run: () => Promise<unknown>, type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals((await assertRejects(run, type)).message, message);
  const plain = new nn.Sequential({ body: new nn.Linear(4, 4), fc: new nn.Linear(4, 2) });
  await refuse(
    () => droppedUnits(plain, x),
    TypeError,
    "Cannot show dropped units of Sequential: expected a dropout layer, found none; " +
      'setDropout(model, 0.5, "fc") puts one in',
  );
  const off = new nn.Sequential(new nn.Dropout(0), new nn.Linear(4, 2));
  await refuse(
    () => droppedUnits(off, x),
    TypeError,
    'Cannot show dropped units of Sequential: expected a dropout layer with p above 0, found p 0 in "0"; ' +
      "setDropout(model, 0.5) gives them another",
  );
  const net = new nn.Sequential(new nn.Dropout(0.5), new nn.Linear(4, 2));
  await refuse(
    () => droppedUnits(net, x, { layer: "1" }),
    RangeError,
    'Cannot show dropped units: expected a dropout layer with p above 0 (0), found "1"',
  );
  await refuse(
    () => droppedUnits(net, x, { passes: 0 }),
    RangeError,
    "Cannot show dropped units: expected passes to be a whole number ≥ 1, found 0",
  );
  await refuse(
    () => droppedUnits(net, x, { seed: 0.5 }),
    RangeError,
    "Cannot show dropped units: expected seed to be a whole number, found 0.5",
  );
  await refuse(
    () => droppedUnits(net, tf.ones([2, 4])),
    TypeError,
    "Cannot show dropped units: expected one picture or a tensor [1, …], found [2, 4]",
  );
  await refuse(
    () => droppedUnits(net, x, { stage: "0" } as object),
    TypeError,
    'Cannot show dropped units: expected options { layer, passes, seed, channels, transforms }, found "stage"',
  );
  class Skips extends nn.Module {
    drop = new nn.Dropout(0.5);
    override forward(x: tf.Tensor): tf.Tensor {
      return tf.add(x, 1);
    }
  }
  await refuse(
    () => droppedUnits(new Skips(), x),
    TypeError,
    'Cannot show dropped units: expected "drop" to run, found that it does not; name another layer',
  );
});
