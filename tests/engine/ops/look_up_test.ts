import * as tf from "@tensorflow/tfjs";
import { useEngine } from "../../../lib/engine/mod.ts";
import { lookUp } from "../../../lib/engine/ops/look_up.ts";
import { engines } from "../../engine_for_tests.ts";
import { assertClose, noLeaks, plain, tensor, withGradients } from "../../tensors.ts";

await useEngine("wasm");
await useEngine(engines[0]);

for (const engine of [...engines, "wasm"]) {
  noLeaks(`lookUp: a table's rows, whose slopes add up where one is taken twice (${engine})`, async () => {
    await tf.setBackend(engine);
    const index = Int32Array.of(2, 0, 2, 3);
    const table = plain("table", [5, 3]);
    const input = tensor<tf.Tensor2D>(table);
    const [y, slope] = await withGradients([input], () => lookUp(input, index));
    input.dispose();
    const weights = plain("slope", [4, 3]);
    const output = new Float32Array(12), expected = new Float32Array(15);
    index.forEach((from, to) => {
      for (let c = 0; c < 3; c++) {
        output[3 * to + c] = table.data[3 * from + c];
        expected[3 * from + c] += weights.data[3 * to + c];
      }
    });
    assertClose(y, { shape: [4, 3], data: output }, 0, "output");
    assertClose(slope, { shape: [5, 3], data: expected }, 1e-6, "gradient");
  });
}
