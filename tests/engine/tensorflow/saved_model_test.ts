import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { loadSavedModel } from "@tensorflow/tfjs-node-gpu/dist/saved_model.js";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";
import { writeTinySavedModel } from "./tiny_saved_model.ts";

const { binding } = await tensorflowBackend();

/** Gives a folder with a SavedModel of `x · [10, 1]`, and removes it again. */
async function withModel(use: (folder: string) => unknown): Promise<void> {
  const folder = await Deno.makeTempDir();
  const before = [tf.memory().numTensors, binding.getNumOfTensors(), binding.getNumOfSavedModels()];
  try {
    writeTinySavedModel(binding, folder, [10, 1]);
    await use(folder);
    assertEquals([tf.memory().numTensors, binding.getNumOfTensors(), binding.getNumOfSavedModels()], before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("tfjs-node's own loadSavedModel loads a model with its variables, predicts and disposes", () =>
  withModel(async (folder) => {
    const model = await loadSavedModel(folder);
    assertEquals(binding.getNumOfSavedModels(), 1);
    const x = tf.tensor2d([[1, 2], [3, 4]]);
    const y = model.predict(x) as tf.Tensor;
    assertEquals(y.shape, [2, 1]);
    assertEquals([...await y.data()], [12, 34]);
    const { y: named } = model.predict({ x }) as tf.NamedTensorMap;
    assertEquals([...await named.data()], [12, 34]);
    model.dispose();
    tf.dispose([x, y, named]);
  }));

Deno.test("what a SavedModel does not have is refused by name", () =>
  withModel((folder) => {
    const id = binding.loadSavedModel(folder, "serve");
    const x = binding.createTensor([1, 2], binding.TF_FLOAT, Float32Array.of(1, 2));
    const text = (inputs: number[], from: string, to: string) =>
      assertThrows(() => binding.runSavedModel(id, inputs, from, to), Error).message;
    const model = `Cannot run the SavedModel in ${folder}`;
    assertEquals(text([x], "x:0", "z:0"), `${model}: expected "z:0" in its graph, found no such operation`);
    assertEquals(text([x], "x:0", "y:1"), `${model}: expected "y:1" in its graph, found 1 outputs of y`);
    assertEquals(text([], "x:0", "y:0"), `${model}: expected 1 inputs (x:0), found 0`);
    const wrong = binding.createTensor([1, 3], binding.TF_FLOAT, new Float32Array(3));
    assertEquals(text([wrong], "x:0", "y:0").startsWith(`${model}: Matrix size-incompatible`), true);
    for (const tensor of [x, wrong]) binding.deleteTensor(tensor);
    binding.deleteSavedModel(id);
    const gone = `model ${id}: expected a loaded SavedModel, found none (freed already?)`;
    assertEquals(assertThrows(() => binding.deleteSavedModel(id)).message, `Cannot free ${gone}`);
    assertEquals(assertThrows(() => binding.runSavedModel(id, [], "", "y:0")).message, `Cannot run ${gone}`);
  }));

Deno.test("a folder without a SavedModel, and tags that it does not have", () =>
  withModel((folder) => {
    assertThrows(
      () => binding.loadSavedModel("/nowhere", "serve"),
      Error,
      "Cannot load the SavedModel in /nowhere (tags serve): Could not find SavedModel",
    );
    assertThrows(() => binding.loadSavedModel(folder, "train"), Error, "(tags train): Could not find meta graph def");
  }));
