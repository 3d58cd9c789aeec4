import { assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed, RandomGenerator } from "../../lib/engine/random.ts";
import { assertClose, noLeaks, onEachEngine, read, withGradients } from "../tensors.ts";
import { nn } from "./nn.ts";

/**
 * What PyTorch 2.13 makes of `x`, and the units that it kept there, for each p:
 *
 *     x = torch.tensor([-1.5, -0.5, 0.0, 0.25, 1.0, 2.0, 3.0, -0.125], dtype=torch.float64, requires_grad=True)
 *     torch.manual_seed(1); y = torch.nn.AlphaDropout(p)(x); y.sum().backward()
 *     mask = (x.grad != 0)
 */
const torch = {
  x: [-1.5, -0.5, 0, 0.25, 1, 2, 3, -0.125],
  cases: [
    {
      p: 0.1,
      mask: [1, 1, 1, 1, 1, 1, 1, 1],
      y: [-1.2199558, -0.298671288, 0.16197097, 0.392292099, 1.08325549, 2.00454, 2.92582452, 0.0468104055],
      slopes: [0.921284516, 0.921284516, 0.921284516, 0.921284516, 0.921284516, 0.921284516, 0.921284516, 0.921284516],
    },
    {
      p: 0.5,
      mask: [1, 1, 1, 1, 0, 1, 1, 0],
      y: [-0.550413411, 0.335991483, 0.779193931, 1.00079515, -0.779193931, 2.55200372, 3.43840861, -0.779193931],
      slopes: [0.886404895, 0.886404895, 0.886404895, 0.886404895, 0.0, 0.886404895, 0.886404895, 0.0],
    },
    {
      p: 0.8,
      mask: [1, 0, 0, 1, 0, 1, 0, 0],
      y: [-0.112216418, -0.421912954, -0.421912954, 1.98762986, -0.421912954, 4.08747613, -0.421912954, -0.421912954],
      slopes: [1.19991216, 0.0, 0.0, 1.19991216, 0.0, 1.19991216, 0.0, 0.0],
    },
  ],
};

/** AlphaDropout whose draw is given. */
class Drawn extends nn.AlphaDropout {
  constructor(p: number, readonly mask: readonly number[]) {
    super(p);
  }
  override kept(): tf.Tensor {
    return tf.tensor1d([...this.mask]);
  }
}

for (const { p, mask, y, slopes } of torch.cases) {
  onEachEngine(`as in PyTorch: AlphaDropout(${p}), given what stays`, async () => {
    const x = tf.tensor1d(torch.x);
    const layer = new Drawn(p, mask);
    const ones = (shape: number[]) => ({ shape, data: new Float32Array(shape[0]).fill(1) });
    const [found, dx] = await withGradients([x], () => layer.forward(x), ones);
    const expected = (data: readonly number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
    assertClose(found, expected(y), 1e-6, "output");
    assertClose(dx, expected(slopes), 1e-6, "gradient");
    x.dispose();
  });
}

onEachEngine("alpha dropout keeps the mean and the variance of standard input, to sampling error", async () => {
  const count = 40_000;
  const source = new RandomGenerator(3);
  const before = Float32Array.from({ length: count }, () => source.normal());
  manualSeed(6);
  const x = tf.tensor1d(before);
  for (const p of [0.1, 0.5, 0.8]) {
    const { data: after } = await read(new nn.AlphaDropout(p).forward(x));
    for (const power of [1, 2]) { // the mean, and the mean square
      const differences = Array.from(after, (value, i) => value ** power - before[i] ** power);
      const mean = differences.reduce((sum, value) => sum + value, 0) / count;
      const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
      assertLess(Math.abs(mean), 5 * deviation / Math.sqrt(count), `p ${p}, power ${power}`);
    }
  }
  x.dispose();
});

onEachEngine("alpha dropout follows the seed", async () => {
  const x = tf.ones([50]);
  const draw = async () => [...(await read(new nn.AlphaDropout().forward(x))).data];
  manualSeed(9);
  const [first, second] = [await draw(), await draw()];
  manualSeed(9);
  assertEquals([await draw(), await draw()], [first, second]);
  assertEquals(String(first) === String(second), false);
  assertEquals(new Set(first).size, 2, "what stays and what is dropped");
  x.dispose();
});

onEachEngine(
  "alpha dropout is off in evaluation, in a frozen part and at p 0, and all 0 at p 1, as in torch",
  async () => {
    const x = tf.tensor1d([1, -2]);
    const run = async (dropout: nn.AlphaDropout) => [...(await read(dropout.forward(x))).data];
    const frozen = new nn.AlphaDropout(0.9);
    frozen.frozen = true;
    for (const dropout of [new nn.AlphaDropout(0.9).eval(), frozen.train(), new nn.AlphaDropout(0)]) {
      assertEquals(await run(dropout), [1, -2]);
    }
    assertEquals(await run(new nn.AlphaDropout(1)), [0, 0]);
    x.dispose();
  },
);

noLeaks("alpha dropout is printed as in torch, and every dropout is a DropoutLayer", () => {
  assertEquals(String(new nn.AlphaDropout()), "AlphaDropout(p=0.5, inplace=False)");
  assertEquals(String(new nn.AlphaDropout(0, { inplace: true })), "AlphaDropout(p=0.0, inplace=True)");
  for (const layer of [new nn.Dropout(), new nn.Dropout2d(), new nn.AlphaDropout()]) {
    assertEquals(layer instanceof nn.DropoutLayer, true);
  }
});
