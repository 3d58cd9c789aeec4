import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { bring } from "../../../lib/engine/ops/bring.ts";
import { gatherRows } from "../../../lib/engine/ops/gather_rows.ts";
import { onEachEngine } from "../../tensors.ts";

onEachEngine("rows are gathered in the order that is asked for, as often as they are", async () => {
  const [rows, labels] = [tf.tensor2d([[1, 2], [3, 4], [5, 6]]), tf.tensor1d([7, 8, 9], "int32")];
  const [some, few] = [gatherRows(rows, Int32Array.of(2, 0, 2)), gatherRows(labels, [1, 1])];
  assertEquals([some.shape, ...await some.data()], [[3, 2], 5, 6, 1, 2, 5, 6]);
  assertEquals([few.dtype, ...await few.data()], ["int32", 8, 8]);
  tf.dispose([rows, labels, some, few]);
});

onEachEngine("what is brought to where the engine computes keeps its values", async () => {
  const tensors = [tf.tensor1d([1.5, 2]), tf.tensor1d([3, 4], "int32"), tf.tensor1d([1, 0], "bool")];
  bring(...tensors);
  bring(...tensors);
  assertEquals(await Promise.all(tensors.map(async (one) => [...await one.data()])), [[1.5, 2], [3, 4], [1, 0]]);
  tf.dispose(tensors);
});
