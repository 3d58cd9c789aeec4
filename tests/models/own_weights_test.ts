import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { save } from "../../lib/weights/save.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";

/** A network with a side branch that it may be made without. */
class Branched extends nn.Module {
  body: nn.Linear;
  aux: nn.Sequential | null;
  head: nn.Linear;

  constructor({ numClasses = 3, width = 2, auxLogits = true }: { numClasses?: number } & Own) {
    super();
    this.body = new nn.Linear(3, width);
    this.aux = auxLogits ? new nn.Sequential(new nn.Linear(width, 4), new nn.Linear(4, numClasses)) : null;
    this.head = new nn.Linear(width, numClasses);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.head.forward(this.body.forward(x));
  }
}

interface Own {
  width?: number;
  auxLogits?: boolean;
}

const tensor = (...shape: number[]) => ({
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.5),
});

/** A file of a network of width 5 with two classes, and what is known of it. */
const state = StateDict.from({
  "body.weight": tensor(5, 3),
  "body.bias": tensor(5),
  "aux.0.weight": tensor(4, 5),
  "aux.0.bias": tensor(4),
  "aux.1.weight": tensor(2, 4),
  "aux.1.bias": tensor(2),
  "head.weight": tensor(2, 5),
  "head.bias": tensor(2),
});

const transforms = { resize: 8, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** Runs `use` with weights of one's own, as people write them, and a builder whose table has an entry without classes. */
async function withFile(
  use: (weights: models.OwnWeights, branched: models.Builder<Branched, Own>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const url = join(folder, "branched.pth");
  await save(state, url);
  const weights: models.OwnWeights = { file: { url }, options: { width: 5 }, categories: ["cat", "dog"], transforms };
  const facts = { transforms, accuracy: null, parameters: 69, gigaMultiplyAdds: 1e-8, recipe: "https://example.com" };
  try {
    await use(
      weights,
      models.builder<Branched, Own>({
        name: "branched",
        family: "Branched",
        paper: { title: "On Branches", authors: "N. N.", year: 2024, url: "https://example.com" },
        head: "head",
        auxiliaryHeads: ["aux.1"],
        weights: {
          default: "PETS",
          entries: {
            PETS: { ...weights, ...facts, categories: ["cat", "dog"] },
            FEATURES: { ...weights, ...facts, categories: null, options: { width: 5, auxLogits: false } },
          },
        },
        options: { width: "features; 2", auxLogits: "whether to have the side branch; true" },
        build: (options) => new Branched(options),
      }),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

noLeaks(
  "weights of one's own: an object says where they are and what they are for",
  () =>
    withFile(async (weights, branched) => {
      const model = await branched({ weights });
      assertEquals([model.classes, model.transforms], [["cat", "dog"], transforms]);
      assertEquals([model.body.outFeatures, model.head.outFeatures], [5, 2]); // as the weights' options and classes say
      assertEquals(models.loadReport(model)?.matched.length, 8);
      assertEquals(String(models.loadReport(model)), "All 8 entries loaded");
      release(model);
      const bare = await branched({ weights: { file: weights.file }, width: 5, numClasses: 2 });
      assertEquals([bare.classes, bare.transforms], [undefined, undefined]);
      release(bare);
      await assertRejects(
        () => branched({ weights: { file: weights.file }, width: 5 }),
        RangeError,
        "Cannot make branched with the weights given: expected numClasses 2, which they were trained for, found 3; pass " +
          "numClasses: 2, or the weights' categories",
      );
    }),
);

noLeaks(
  "weights of one's own: an entry of a table goes into a spec by its name, others as they are",
  () =>
    withFile(async (weights, branched) => {
      const entry = await branched({ weights: branched.info.weights.PETS });
      assertEquals(models.toSpec(entry), { model: "branched", options: { weights: "PETS" } });
      const own = await branched({ weights, numClasses: 2 });
      const spec = models.toSpec(own);
      assertEquals(JSON.parse(JSON.stringify(spec)), spec);
      assertEquals(spec, { model: "branched", options: { weights, numClasses: 2 } });
      const renamed = await branched({ weights: { ...weights, rename: (name) => name } });
      assertThrows(
        () => models.toSpec(renamed),
        TypeError,
        "Cannot write branched as plain data: expected weights without functions, found weights.rename; save a file with the " +
          "network's own names (await save(model.stateDict(), path)) and give that as weights",
      );
      release(entry, own, renamed);
    }),
);

noLeaks(
  "weights: their options are the builder's defaults, and what is given counts",
  () =>
    withFile(async (weights, branched) => {
      const { message } = await assertRejects(() => branched({ weights, width: 2 }), Error);
      assertEquals(message.includes('Cannot load "body.weight": expected [2, 3], found [5, 3]'), true, message);
      const model = await branched({ weights, width: undefined, numClasses: undefined });
      assertEquals([model.body.outFeatures, model.head.outFeatures], [5, 2]);
      release(model);
    }),
);

noLeaks(
  "weights: a side branch that the network is made without is left, and the report says so",
  () =>
    withFile(async (weights, branched) => {
      const model = await branched({ weights, auxLogits: false });
      const report = models.loadReport(model)!;
      assertEquals([report.matched.length, report.complete], [4, true]);
      assertEquals(report.left, ["aux.0.weight", "aux.0.bias", "aux.1.weight", "aux.1.bias"]);
      assertEquals(String(report), "4 entries loaded, 4 left: aux.0.weight, aux.0.bias, aux.1.weight, aux.1.bias");
      release(model);
    }),
);

noLeaks(
  "weights: with a new head the old head's values are left, and those of the side branch's head",
  () =>
    withFile(async (weights, branched) => {
      const model = await branched({ weights, numClasses: 9, head: "new" });
      assertEquals(models.loadReport(model)!.left, ["aux.1.weight", "aux.1.bias", "head.weight", "head.bias"]);
      assertEquals([model.head.outFeatures, model.aux!.get("1", nn.Linear).outFeatures], [9, 9]);
      assertEquals([...await model.aux!.get("0", nn.Linear).bias!.value.data()], [0.5, 0.5, 0.5, 0.5]);
      assertEquals([model.classes, model.transforms], [undefined, transforms]);
      const same = await branched({ weights, head: "new" });
      assertEquals(same.head.outFeatures, 2); // as many as the weights know
      release(model, same);
    }),
);

noLeaks("weights without classes load as they are", () =>
  withFile(async (_weights, branched) => {
    const model = await branched({ weights: "FEATURES", numClasses: 2 });
    assertEquals([model.classes, model.aux, models.loadReport(model)!.left.length], [undefined, null, 4]);
    await assertRejects(
      () => branched({ weights: "FEATURES", numClasses: 9 }),
      RangeError,
      "Cannot make branched with the weights FEATURES: expected numClasses 2, which they were trained for, found 9; pass " +
        'head: "new" to load everything but the head, or leave numClasses out and call replaceHead(model, 9) afterwards',
    );
    const other = await branched({ weights: "FEATURES", head: "new", numClasses: 9 });
    assertEquals(other.head.outFeatures, 9);
    release(model, other);
  }));

Deno.test("weights: a network that no builder loaded has no report", () => {
  assertEquals(models.loadReport(models.resnet18()), undefined);
});

const names = 'expected weights "PETS" or "FEATURES" or "DEFAULT"';
const bad: [weights: unknown, message: string][] = [
  [
    "pets.pth",
    `${names}, found "pets.pth"; make the network without weights and call ` +
    'model.loadStateDict(await load("pets.pth"))',
  ],
  [
    state,
    `${names}, found a value of class StateDict; make the network without weights and call model.loadStateDict(sd)`,
  ],
  [
    Promise.resolve(),
    `${names} or an object { file: { url }, categories, transforms }, found a promise; did you forget await?`,
  ],
  [{ url: "a" }, `${names} or an object { file: { url }, categories, transforms }, found {"url":"a"}`],
  [
    { file: { url: "a" }, classes: ["cat"] },
    'expected weights { file, rename, options, categories, transforms }, found "classes"',
  ],
  [{ file: {} }, 'expected weights.file to be { url: "…" }, found {}'],
  [{ file: { url: "a" }, rename: "b" }, 'expected weights.rename to be a function, found "b"'],
  [{ file: { url: "a" }, options: 5 }, "expected weights.options to be the builder's options in one object, found 5"],
  [{ file: { url: "a" }, options: { deep: 5 } }, 'expected weights.options to be among width, auxLogits, found "deep"'],
  [
    { file: { url: "a" }, categories: "cat" },
    'expected weights.categories to be names of classes or null, found "cat"',
  ],
  [{ file: { url: "a" }, transforms: 224 }, "expected weights.transforms to be an object, found 224"],
];
Deno.test("weights that are none are refused, with what to do instead", () =>
  withFile(async (_weights, branched) => {
    for (const [weights, message] of bad) {
      const error = await assertRejects(() => branched({ weights: weights as models.OwnWeights }), TypeError);
      assertEquals(error.message, `Cannot make branched: ${message}`);
    }
  }));

noLeaks(
  "weights that were saved without the auxiliary heads say how the network is to be made",
  () =>
    withFile(async (weights, branched) => {
      const url = `${(weights.file as { url: string }).url}.bare.pth`;
      await save(state.filter((name) => !name.startsWith("aux.")), url);
      const bare = { ...weights, file: { url } };
      for (const options of [{}, { head: "new" as const }]) {
        await assertRejects(
          () => branched({ weights: bare, ...options }),
          Error,
          "Cannot load weights into branched: expected auxiliary heads (aux) in them, found none; make the network with auxLogits: false",
        );
      }
      const model = await branched({ weights: bare, auxLogits: false });
      assertEquals(models.loadReport(model)?.matched.length, 4);
      release(model);
    }),
);
