import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { assertClose, noLeaks, onEachEngine, withGradients } from "../tensors.ts";
import { nn } from "./nn.ts";

/**
 * What PyTorch 2.13 computes in float64:
 *
 *     x = torch.tensor([-30.0, -2.0, -0.5, -0.001, 0.0, 0.001, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
 *     y = torch.nn.SELU()(x); y.sum().backward(); print(y, x.grad)
 */
const torch = {
  x: [-30, -2, -0.5, -0.001, 0, 0.001, 0.5, 3],
  y: [-1.75809934, -1.52016647, -0.691758188, -0.00175722058, 0.0, 0.00105070099, 0.525350494, 3.15210296],
  slopes: [1.64516308e-13, 0.237932872, 1.06634115, 1.75634212, 1.75809934, 1.05070099, 1.05070099, 1.05070099],
};

onEachEngine("as in PyTorch: SELU and its gradient", async () => {
  const x = tf.tensor1d(torch.x);
  const ones = (shape: number[]) => ({ shape, data: new Float32Array(shape[0]).fill(1) });
  const [y, dx] = await withGradients([x], () => new nn.SELU().forward(x), ones);
  x.dispose();
  const expected = (data: readonly number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
  assertClose(y, expected(torch.y), 1e-6, "output");
  assertClose(dx, expected(torch.slopes), 1e-6, "gradient");
});

noLeaks("SELU is printed as in torch", () => {
  assertEquals(String(new nn.SELU()), "SELU()");
  assertEquals(String(new nn.SELU({ inplace: true })), "SELU(inplace=True)");
});
