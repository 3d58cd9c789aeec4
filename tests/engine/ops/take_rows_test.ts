import { assertEquals } from "@std/assert";
import { invertOrder, takeRows } from "../../../lib/engine/ops/take_rows.ts";
import { assertClose, onEachEngine, plain, tensor, withGradients } from "../../tensors.ts";
import type * as tf from "@tensorflow/tfjs";

Deno.test("invertOrder: where each row went, -1 for those that were not taken", () => {
  assertEquals([...invertOrder(Int32Array.of(2, -1, 0), 4)], [2, -1, 0, -1]);
  assertEquals([...invertOrder(Int32Array.of(1, 2, 0), 3)], [2, 0, 1]);
});

onEachEngine(
  "takeRows: rows in the order given, zeros for -1, and the slopes go back to where they came from",
  async () => {
    const order = Int32Array.of(3, -1, 0, 2), inverse = invertOrder(order, 5);
    const x = plain("rows", [2, 5, 3]);
    const input = tensor<tf.Tensor3D>(x);
    const [y, slope] = await withGradients([input], () => takeRows(input, order, inverse));
    input.dispose();
    const weights = plain("slope", [2, 4, 3]);
    const output = new Float32Array(24), expected = new Float32Array(30);
    for (let n = 0; n < 2; n++) {
      order.forEach((from, to) => {
        if (from < 0) return;
        for (let c = 0; c < 3; c++) {
          output[(4 * n + to) * 3 + c] = x.data[(5 * n + from) * 3 + c];
          expected[(5 * n + from) * 3 + c] = weights.data[(4 * n + to) * 3 + c];
        }
      });
    }
    assertClose(y, { shape: [2, 4, 3], data: output }, 0, "output");
    assertClose(slope, { shape: [2, 5, 3], data: expected }, 0, "gradient");
  },
);
