import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { colorJitter, LabelledDataset, randomResizedCrop, trivialAugment } from "../../lib/data/mod.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import type { Augmentation, Dataset, Picture } from "../../lib/data/mod.ts";
import { manualSeed, RandomGenerator } from "../../lib/engine/random.ts";
import * as nn from "../../lib/nn/mod.ts";
import { fit, type FitOptions, freeze, type Run } from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";

const transforms = {
  resize: 8,
  crop: 8,
  interpolation: "bilinear" as const,
  mean: [0.5, 0.5, 0.5],
  std: [0.3, 0.3, 0.3],
};
const quiet = { display: false, seed: 3, transforms, batchSize: 8, epochs: 5 };

/** Noise whose class is its brightest channel. */
function pictures(count: number): LabelledDataset {
  const random = new RandomGenerator(2);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const samples = labels.map((label): Picture => ({
    width: 12,
    height: 10,
    data: Uint8Array.from({ length: 360 }, (_, i) => (random.bits() & 127) + (i % 3 === label ? 100 : 0)),
  }));
  return new LabelledDataset(pictureSamples(samples), { name: "pictures", classes: ["r", "g", "b"], labels });
}

function network(): nn.Sequential {
  manualSeed(1);
  const model = new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(8, 3),
  );
  freeze(model, { until: "4" });
  return model;
}

/** Trains a new network; how many pictures its frozen part has computed. */
async function run(options: FitOptions, part: Dataset | ReturnType<LabelledDataset["split"]>): Promise<[Run, number]> {
  const model = network();
  let count = 0;
  nn.onForward(model.get("0"), (_module, x) => count += x.shape[0]);
  const done = await fit(model, part, { ...quiet, ...options });
  release(model);
  if (done.best) release(done.best.stateDict);
  return [done, count];
}

const split = () => pictures(30).split({ validation: 0.2, seed: 1 }); // 24 + 6

for (
  const [name, random] of Object.entries<FitOptions>({
    "a list of augmentations": { augment: [randomResizedCrop(), colorJitter({ brightness: 0.4, hue: 0.1 })] },
    "TrivialAugment and flips": { augment: trivialAugment(), flip: true },
    "flips alone": { flip: true },
  })
) {
  noLeaks(`${name}: with variants the frozen part runs once for each, and the losses are the plain way's`, async () => {
    const [cached, computed] = await run({ ...random, variants: 2 }, split());
    assertEquals([cached.cachedAt, computed], ["4", 2 * 24 + 6]);
    const [plain, again] = await run({ ...random, variants: 2, cache: false }, split());
    assertEquals([plain.cachedAt, again], [undefined, 5 * (24 + 6)]);
    for (const [i, epoch] of cached.history.entries()) {
      assertAlmostEquals(epoch.loss, plain.history[i].loss, 1e-5);
      assertAlmostEquals(epoch.validationLoss!, plain.history[i].validationLoss!, 1e-5);
    }
    const [still] = await run({}, split());
    assertNotEquals(still.history[0].loss, cached.history[0].loss);
  });
}

noLeaks("without variants nothing is computed once, and every epoch sees other pictures", async () => {
  const seen = new Set<string>();
  const look: Augmentation = (picture, random) => {
    const data = picture.data.map((byte) => byte ^ (random.bits() & 3));
    seen.add(String(data));
    return { ...picture, data };
  };
  const [free, computed] = await run({ augment: look }, split());
  assertEquals([free.cachedAt, computed, seen.size], [undefined, 5 * 30, 5 * 24]);
});

noLeaks("validation pictures are not augmented", async () => {
  const black: Augmentation = (picture) => ({ ...picture, data: new Uint8Array(picture.data.length) });
  const data = split();
  for (const cache of [true, false]) {
    const [first] = await run({ epochs: 1, learningRate: 1e-9, augment: black, variants: 1, cache }, data);
    const [second] = await run({ epochs: 1, learningRate: 1e-9 }, data);
    assertAlmostEquals(first.history[0].validationLoss!, second.history[0].validationLoss!, 1e-6);
    assert(Math.abs(first.history[0].loss - second.history[0].loss) > 1e-4);
  }
});

noLeaks(
  "where the features of all variants find no room in memory, they go to disk, and the losses are the same",
  async () => {
    const before = Deno.env.get("THAW_CACHE_BYTES");
    const options = { augment: trivialAugment(), variants: 3 };
    try {
      // 24 pictures of 8 numbers three times are 2,304 bytes, the 6 of validation 192
      Deno.env.set("THAW_CACHE_BYTES", "2000");
      const [plain] = await run({ ...options, cache: false }, split());
      assertEquals(plain.cachedAt, undefined);
      const [spilled, computed] = await run(options, split());
      assertEquals([spilled.cachedAt, spilled.cachedOn, computed], ["4", "disk", 3 * 24 + 6]);
      Deno.env.set("THAW_CACHE_BYTES", "2600");
      const [cached] = await run(options, split());
      assertEquals([cached.cachedAt, cached.cachedOn], ["4", "memory"]);
      for (const { history } of [cached, spilled]) {
        history.forEach(({ loss }, i) => assertAlmostEquals(loss, plain.history[i].loss, 1e-5));
      }
    } finally {
      if (before === undefined) Deno.env.delete("THAW_CACHE_BYTES");
      else Deno.env.set("THAW_CACHE_BYTES", before);
    }
  },
);

noLeaks("what cannot be is refused, and leaves nothing behind", async () => {
  const model = network();
  assertThrows(
    () => fit(model, pictures(6), { ...quiet, variants: 0 }),
    RangeError,
    "Cannot fit: expected variants to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => fit(model, pictures(6), { ...quiet, augment: "flip" as unknown as Augmentation }),
    TypeError,
    'Cannot fit: expected augmentations such as horizontalFlip(), found "flip" at position 0',
  );
  let calls = 0;
  const broken: Augmentation = (picture) => calls++ < 9 ? picture : { ...picture, width: 1 };
  await assertRejects(
    () => Promise.resolve(fit(model, pictures(16), { ...quiet, augment: broken, variants: 2 })),
    TypeError,
    "Cannot augment a picture: expected broken to give a picture, found one of 1×8 with 192 bytes",
  );
  await assertRejects(
    () => Promise.resolve(fit(model, pictures(6), { ...quiet, augment: trivialAugment as unknown as Augmentation })),
    TypeError,
    "Cannot augment a picture: expected trivialAugment to give a picture, found a function",
  );
  release(model);
});
