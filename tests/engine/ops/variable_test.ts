import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { applyGradientDescent, applyMomentum } from "../../../lib/engine/ops/update.ts";
import { ownedVariable, snapshot } from "../../../lib/engine/ops/variable.ts";
import { onEachEngine } from "../../tensors.ts";

onEachEngine("an owned variable is in nobody's table, survives a tidy and takes its tensor over", async () => {
  const known = Object.keys(tf.engine().state.registeredVariables);
  const before = tf.memory().numTensors;
  const source = tf.tensor1d([1, 2]);
  const variable = tf.tidy(() => ownedVariable(source));
  assertEquals(Object.keys(tf.engine().state.registeredVariables), known);
  assertEquals([source.isDisposed, tf.memory().numTensors - before], [true, 1]);
  assertEquals([...await variable.data()], [1, 2]);
  variable.dispose();
});

onEachEngine(
  "a snapshot keeps its values through updates, assignments and the end of what it was taken of",
  async () => {
    const weight = ownedVariable(tf.tensor1d([1, 2, 3]));
    const velocity = ownedVariable(tf.zeros([3]));
    const gradient = tf.ones([3]);
    const fresh = snapshot(weight as tf.Tensor);
    applyGradientDescent(weight, gradient, 1);
    assertEquals([...await fresh.data()], [1, 2, 3]);
    assertEquals([...await weight.data()], [0, 1, 2]);
    const second = snapshot(weight as tf.Tensor);
    applyMomentum(weight, velocity, gradient, { learningRate: 1, momentum: 0.5, nesterov: false });
    tf.tidy(() => weight.assign(tf.tensor1d([7, 8, 9])));
    assertEquals([...await second.data()], [0, 1, 2]);
    assertEquals([...await weight.data()], [7, 8, 9]);
    weight.dispose();
    assertEquals([...await second.data()], [0, 1, 2]);
    tf.dispose([velocity, gradient, fresh, second]);
  },
);

onEachEngine("snapshots of every element type that state has", async () => {
  for (const [dtype, values] of [["float32", [1.5, -2]], ["int32", [3, -4]], ["bool", [1, 0]]] as const) {
    const source = tf.tensor1d([...values], dtype);
    const taken = snapshot(source);
    source.dispose();
    assertEquals([taken.dtype, [...await taken.data()]], [dtype, [...values]]);
    taken.dispose();
  }
});
