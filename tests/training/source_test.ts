import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { ChartSpec } from "../../lib/display/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { FeatureBank, fit, type FitOptions, freeze, type Run } from "../../lib/training/mod.ts";
import { withEnvironment } from "../engine/environment.ts";
import { noLeaks } from "../tensors.ts";
import { counting, forget, network, pictures, transforms } from "./frozen_pictures.ts";

const quiet: FitOptions = { display: false, seed: 3, transforms, batchSize: 6, epochs: 4, optimizer: "sgd" };
const split = () => pictures(30).split({ validation: 0.2, seed: 1 }); // 24 + 6

/** Trains a network on a split, and tells how many pictures each of its parts has computed. */
async function train(
  options: FitOptions,
  on = split(),
  model = network("7"),
): Promise<{ run: Run; counts: Record<string, number>; subtitle?: string }> {
  const counts = counting(model);
  const run = await fit(model, on, { ...quiet, ...options });
  const { subtitle } = run.spec() as ChartSpec;
  forget(model, run);
  return { run, counts, subtitle };
}

function assertSameLosses(found: Run, expected: Run): void {
  assertEquals(found.history.length, expected.history.length);
  for (const [i, epoch] of expected.history.entries()) {
    for (const key of ["loss", "accuracy", "validationLoss", "validationAccuracy"] as const) {
      assertAlmostEquals(found.history[i][key]!, epoch[key]!, 1e-6, `${key} of epoch ${i + 1}`);
    }
  }
}

noLeaks("features in memory, on disk, and none at all give the same losses; what is frozen runs once", async () => {
  const folder = await Deno.makeTempDir();
  await withEnvironment({ THAW_CACHE_BYTES: undefined, THAW_CACHE: folder }, async () => {
    const plain = await train({ cache: false });
    assertEquals([plain.run.cachedAt, plain.run.cachedOn, plain.run.uncached], [undefined, undefined, undefined]);
    assertEquals([plain.counts[0], plain.counts[6], plain.counts[7]], [4 * 30, 4 * 30, 4 * 30]);
    assertEquals(plain.subtitle, undefined);
    const memory = await train({});
    assertEquals([memory.run.cachedAt, memory.run.cachedOn], ["7", "memory"]);
    const words = "What is frozen below 7 was computed once for each picture";
    assertEquals(memory.subtitle, words);
    Deno.env.set("THAW_CACHE_BYTES", "0");
    const disk = await train({});
    assertEquals([disk.run.cachedAt, disk.run.cachedOn], ["7", "disk"]);
    assertEquals(disk.subtitle, `${words}, and kept on disk`);
    assertEquals([disk.run.toJSON().cachedAt, disk.run.toJSON().cachedOn], ["7", "disk"]);
    for (const { run, counts } of [memory, disk]) {
      assertEquals([counts[0], counts[6], counts[7]], [30, 30, 4 * 30]);
      assertSameLosses(run, plain.run);
    }
    // more epochs run nothing more of it
    assertEquals((await train({ epochs: 9 })).counts[0], 30);
    assertEquals([...Deno.readDirSync(`${folder}/features`)], []);
  });
  await Deno.remove(folder, { recursive: true });
});

noLeaks("with variants what is frozen runs once for each of them, in memory and on disk", async () => {
  const changes: FitOptions = { flip: true, variants: 3, epochs: 5 };
  const plain = await train({ ...changes, cache: false });
  for (const bytes of [Infinity, 0]) {
    const folder = await Deno.makeTempDir();
    const features = new FeatureBank({ bytes, folder });
    const { run, counts } = await train({ ...changes, features });
    assertEquals([run.cachedOn, counts[0], counts[7]], [bytes ? "memory" : "disk", 3 * 24 + 6, 5 * 30]);
    assertSameLosses(run, plain.run);
    features.dispose();
    await Deno.remove(folder);
  }
});

noLeaks("where the disk has no room for the features the training says so, and goes on without them", async () => {
  const folder = await Deno.makeTempDir();
  const features = new FeatureBank({ bytes: 0, folder });
  const changes: FitOptions = { flip: true, variants: 1e12, epochs: 2, features };
  const { run, counts, subtitle } = await train(changes);
  assertEquals([run.state, run.cachedAt, run.cachedOn], ["finished", undefined, undefined]);
  assertMatch(
    run.uncached!,
    /^Cannot keep features: expected \d{9,} MiB in ".+" beside 512 MiB that stay free, found \d+ MiB; set THAW_CACHE to a /,
  );
  assertEquals(subtitle, run.uncached);
  assert(counts[0] >= 2 * 30);
  const plain = await train({ ...changes, features: undefined, cache: false });
  assertSameLosses(run, plain.run);
  assertEquals([...Deno.readDirSync(folder)], []);
  features.dispose();
  await Deno.remove(folder);
});

noLeaks("trainings that share a bank compute what is frozen in both once", async () => {
  const features = new FeatureBank(), on = split();
  const first = await train({ features }, on);
  assertEquals(first.counts[0], 30);
  const second = await train({ features, learningRate: 0.1 }, on);
  assertEquals([second.counts[0], second.counts[6], second.counts[7]], [0, 0, 4 * 30]);
  assertEquals(second.run.cachedAt, "7");
  assertSameLosses(second.run, (await train({ learningRate: 0.1, cache: false }, on)).run);
  // frozen up to a higher stage: from the features that are there, and not from the pictures
  const higher = await train({ features }, on, network("9"));
  assertEquals([higher.counts[0], higher.counts[7], higher.counts[9]], [0, 30, 4 * 30]);
  // other weights below
  const other = await train({ features }, on, network("7", 2));
  assertEquals(other.counts[0], 30);
  assertSameLosses(other.run, (await train({ cache: false }, on, network("7", 2))).run);
  assertNotEquals(other.run.history[0].loss, first.run.history[0].loss);
  // other pictures
  const resized = await train({ features, transforms: { ...transforms, mean: [0, 0, 0] } }, on);
  assertEquals(resized.counts[0], 30);
  features.dispose();
});

noLeaks("trainings at the same time, of networks that differ, do not take each other's features away", async () => {
  const on = split();
  const alone = [1, 2].map((seed) => train({ cache: false }, on, network("7", seed)));
  const expected = (await Promise.all(alone)).map(({ run }) => run);
  for (const bytes of [Infinity, 0]) {
    for (const moment of [1, 24, 25, 30, 40]) { // of the training pictures' features, the validation's, and the first epoch
      const folder = await Deno.makeTempDir();
      const features = new FeatureBank({ bytes, folder });
      const first = network("7");
      let second: ReturnType<typeof train> | undefined;
      let count = 0;
      for (const name of ["0", "7"]) {
        nn.onForward(first.get(name), (_module, x) => {
          if ((count += x.shape[0]) >= moment) second ??= train({ features }, on, network("7", 2));
        });
      }
      const together = [await train({ features }, on, first), await second!];
      together.forEach(({ run }, i) => {
        assertEquals(run.cachedAt, "7");
        assertSameLosses(run, expected[i]);
      });
      features.dispose();
      await Deno.remove(folder);
    }
  }
});

noLeaks("a shared bank is let go of when a training ends, and outlives it", async () => {
  const features = new FeatureBank(), on = split();
  await train({ features, epochs: 1 }, on);
  const { memory } = features.bytes;
  assertEquals(memory, 30 * 6 * 4);
  await train({ features, epochs: 1 }, on, network("7", 2)); // takes the place of the first one's
  assertEquals(features.bytes.memory, memory);
  const model = network("7", 3);
  nn.onForward(model.get("9"), () => {
    throw new Error("a network that breaks");
  });
  const failure = await train({ features }, on, model).catch((error) => error);
  assertStringIncludes(failure.message, "a network that breaks");
  forget(model);
  await train({ features, epochs: 1 }, on); // a failed one has let go too
  assertEquals(features.bytes.memory, memory);
  features.dispose();
});

noLeaks("a stop while features are computed ends the training before its first epoch", async () => {
  const model = network("7"), features = new FeatureBank();
  const fitting = fit(model, split(), { ...quiet, features });
  nn.onForward(model.get("0"), () => fitting.run.stop());
  const run = await fitting;
  assertEquals([run.state, run.history.length, features.bytes.memory], ["stopped", 0, 0]);
  features.dispose();
  forget(model, run);
});

/** How many gradients of convolutions' inputs and filters, and of linear layers' inputs, a training has computed. */
async function backward(until: string, options: FitOptions = {}): Promise<{ inputs: number; filters: number }> {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 4, 3, { bias: false }),
    new nn.Sequential(new nn.Conv2d(4, 4, 1), new nn.ReLU(), new nn.Conv2d(4, 5, 1), new nn.ReLU()),
    new nn.Conv2d(5, 6, 3),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(6, 3),
  );
  freeze(model, { until });
  const dataset = pictures(6);
  let run: Run | undefined;
  const { kernels } = await tf.profile(async () => {
    run = await fit(model, dataset, { ...quiet, epochs: 1, ...options }); // a single step
  });
  const count = (name: string) => kernels.filter((kernel) => kernel.name === name).length;
  forget(model, run);
  return { inputs: count("ThawConv2DInputGradient"), filters: count("ThawConv2DFilterGradient") };
}

noLeaks("backward never goes below the deepest layer that trains", async () => {
  for (const cache of [true, false]) {
    // of n convolutions that train n filters have a gradient, and n − 1 inputs: nobody asks for that of the deepest
    for (
      const [until, trained] of [["0", 4], ["1", 3], ["1.0", 3], ["1.1", 2], ["1.2", 2], ["1.3", 1], ["2", 1], [
        "3",
        0,
      ]] as const
    ) {
      const expected = { inputs: Math.max(0, trained - 1), filters: trained };
      assertEquals(await backward(until, { cache }), expected, `until ${until}`);
    }
  }
});
