import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import "../../lib/engine/mod.ts";
import { onEachEngine, plain, tensor, withGradients } from "../tensors.ts";

for (const [name, reduce] of Object.entries({ sum: tf.sum, mean: tf.mean })) {
  for (
    const [axes, kept] of [[undefined, false], [[0], false], [[1, 2], false], [[-1], true], [[2, 0], true]] as const
  ) {
    onEachEngine(`the gradient of ${name} over ${axes ?? "all"}${kept ? ", kept" : ""}`, async () => {
      const x = tensor(plain("x", [2, 3, 4]));
      const whole = (shape: number[]) => plain("slope", shape, -3, 3, true);
      const [output, slopes] = await withGradients([x], () => reduce(x, axes && [...axes], kept), whole);
      x.dispose();
      const summed = axes?.map((axis) => axis < 0 ? axis + 3 : axis) ?? [0, 1, 2];
      const count = name === "mean" ? summed.reduce((product, axis) => product * [2, 3, 4][axis], 1) : 1;
      const weights = whole(output.shape).data;
      // By hand: where in the output the number at (a, b, c) has gone.
      const expected: number[] = [];
      for (let a = 0; a < 2; a++) {
        for (let b = 0; b < 3; b++) {
          for (let c = 0; c < 4; c++) {
            const at = [a, b, c].flatMap((i, axis) => summed.includes(axis) ? [] : [[i, [2, 3, 4][axis]]]);
            expected.push(Math.fround(weights[at.reduce((index, [i, size]) => index * size + i, 0)] / count));
          }
        }
      }
      assertEquals([...slopes.data], expected);
    });
  }
}
