import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import * as models from "../../lib/models/mod.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { noLeaks, release } from "../tensors.ts";

/** Embeddings of two numbers for a grid of this side, in no order. */
function embeddings(side: number): StateDict {
  const count = side * side + 1;
  const data = Array.from({ length: 2 * count }, (_, i) => ((7 * i) % 11) / 4 - 1);
  return StateDict.from({
    "heads.head.bias": { shape: [1], data: [3] },
    "encoder.pos_embedding": { shape: [1, count, 2], data },
  }, { epoch: 7 });
}

// torchvision 0.28: interpolate_embeddings(16 * to, 16, …)
const figures: [from: number, to: number, expected: number[]][] = [
  [3, 5, [
    -1.0,
    0.75,
    -0.25,
    1.5,
    0.054688,
    0.429688,
    0.5,
    -0.5,
    0.945312,
    -0.3125,
    1.25,
    0.25,
    -0.710938,
    1.296875,
    -0.277344,
    0.073486,
    0.296875,
    -0.960938,
    0.766357,
    -0.668701,
    1.046875,
    0.046875,
    -0.75,
    1.0,
    -0.445312,
    -0.070312,
    0.0,
    -1.0,
    0.445312,
    -0.8125,
    0.75,
    -0.25,
    0.328125,
    0.703125,
    -0.054688,
    0.449219,
    -0.296875,
    0.078125,
    0.019531,
    -0.292969,
    0.453125,
    -0.546875,
    1.5,
    0.5,
    0.429688,
    1.0625,
    -0.5,
    1.25,
    -0.3125,
    0.320312,
    0.25,
    -0.75,
  ]],
  [4, 2, [-1.0, 0.75, -0.25, 1.5, -0.75, 1.0, 0.5, -0.5, 0.0, -1.0]],
  [3, 1, [-1.0, 0.75, -0.25, 1.5]],
  [1, 3, [
    -1.0,
    0.75,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
    -0.25,
    1.5,
  ]],
];

Deno.test("interpolateEmbeddings: torchvision's figures, larger and smaller, the class token as it was", async () => {
  for (const [from, to, expected] of figures) {
    const state = embeddings(from);
    const fitted = await models.interpolateEmbeddings(state, { imageSize: 16 * to, patchSize: 16 });
    const entry = fitted.get("encoder.pos_embedding")!;
    assertEquals([entry.shape, entry.dtype], [[1, to * to + 1, 2], "float32"]);
    const values = await entry.data() as Float32Array;
    assertEquals(values.length, expected.length);
    expected.forEach((value, i) => assert(Math.abs(values[i] - value) < 2e-6, `${from} to ${to} at ${i}`));
    assertEquals([...fitted.keys()], [...state.keys()]);
    assertEquals(fitted.metadata, { epoch: 7 });
    assertStrictEquals(fitted.get("heads.head.bias"), state.get("heads.head.bias"));
  }
});

Deno.test("interpolateEmbeddings: for the same size nothing is done", async () => {
  const state = embeddings(3);
  assertStrictEquals(await models.interpolateEmbeddings(state, { imageSize: 48, patchSize: 16 }), state);
});

noLeaks("interpolateEmbeddings: a network's weights fit one for larger pictures", async () => {
  const size = { patchSize: 4, numLayers: 1, numHeads: 1, hiddenDim: 4, mlpDim: 4 };
  const small = new models.VisionTransformer(size, { imageSize: 8, numClasses: 2 });
  const large = new models.VisionTransformer(size, { imageSize: 12, numClasses: 2 });
  const state = small.stateDict();
  const fitted = await models.interpolateEmbeddings(state, { imageSize: 12, patchSize: 4 });
  assertEquals(large.loadStateDict(fitted).complete, true);
  const [before, after] = await Promise.all([small, large].map(({ encoder }) => encoder.pos_embedding.value.data()));
  // corners lie on corners
  for (const [from, to] of [[0, 0], [1, 1], [2, 3], [3, 7], [4, 9]]) {
    const [old, fresh] = [before.slice(4 * from, 4 * from + 4), after.slice(4 * to, 4 * to + 4)];
    old.forEach((value, i) => assert(Math.abs(value - fresh[i]) < 1e-7));
  }
  release(small, large, state);
});

Deno.test("interpolateEmbeddings: what cannot be is refused", async () => {
  const state = embeddings(3);
  const size = { imageSize: 64, patchSize: 16 };
  const refuse = (given: StateDict, wanted: models.EmbeddingSize, type: ErrorConstructor, message: string) =>
    assertRejects(
      () => models.interpolateEmbeddings(given, wanted),
      type,
      `Cannot interpolate embeddings: expected ${message}`,
    );
  const other = (shape: number[]) =>
    StateDict.from({ "encoder.pos_embedding": { shape, data: new Float32Array(shape.reduce((a, b) => a * b)) } });
  await refuse(
    {} as StateDict,
    size,
    TypeError,
    "a state dict, found a plain object; StateDict.from(…) makes a state dict of one",
  );
  await refuse(
    state.filter((name) => name === "heads.head.bias"),
    size,
    TypeError,
    '"encoder.pos_embedding" in the state dict, found no such entry',
  );
  const square = '"encoder.pos_embedding" of the shape [1, side · side + 1, width], found';
  await refuse(other([1, 8, 2]), size, TypeError, `${square} [1, 8, 2]`);
  await refuse(other([2, 5, 2]), size, TypeError, `${square} [2, 5, 2]`);
  await refuse(state, { ...size, imageSize: 70 }, RangeError, "imageSize to be a multiple of patchSize 16, found 70");
  await refuse(state, { ...size, patchSize: 0 }, RangeError, "patchSize to be a whole number ≥ 1, found 0");
  await refuse(
    state,
    { image: 64 } as unknown as models.EmbeddingSize,
    TypeError,
    'options { imageSize, patchSize }, found "image"',
  );
});
