import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { noLeaks, release } from "../tensors.ts";
import { type Module, nn } from "./nn.ts";

noLeaks("an error names the module by its path, once, with what was expected and found", () => {
  const net = new nn.Sequential({
    body: new nn.Sequential(new nn.ReLU(), new nn.Conv2d(3, 4, 3)),
    fc: new nn.Linear(4, 2),
  });
  const x = tf.zeros([1, 3, 8, 8]);
  const { message } = assertThrows(() => net.forward(x), TypeError);
  assertEquals(
    message,
    'Cannot run "body.1" (Conv2d): expected input [N, H, W, 3], found [1, 3, 8, 8]; ' +
      "channels come last here: transpose it with [0, 2, 3, 1]",
  );
  // The failed run leaves nothing half-open: the next is a first one again.
  assertEquals(
    assertThrows(() => net.get("fc").forward(x), TypeError).message,
    "Cannot run Linear: expected input [N, 4], found [1, 3, 8, 8]",
  );
  assertEquals(
    assertThrows(() => net.get("body.1").forward(x), TypeError).message,
    "Cannot run Conv2d: expected input [N, H, W, 3], found [1, 3, 8, 8]; " +
      "channels come last here: transpose it with [0, 2, 3, 1]",
  );
  const features = tf.zeros([2, 5]);
  assertEquals(
    assertThrows(() => net.get("body.1").forward(features), TypeError).message,
    "Cannot run Conv2d: expected input [N, H, W, 3], found [2, 5]",
  );
  tf.dispose([x, features]);
  release(net);
});

noLeaks("a module of one's own that fails is named too", () => {
  class Picky extends nn.Module {
    override forward(): tf.Tensor {
      throw new RangeError("not today");
    }
  }
  const net = new nn.Sequential({ first: new nn.Identity(), picky: new Picky() });
  const x = tf.zeros([1]);
  assertEquals(assertThrows(() => net.forward(x), RangeError).message, 'Cannot run "picky" (Picky): not today');
  x.dispose();
});

noLeaks("hooks see what goes in and out of a module, wherever it runs, until they are taken away", async () => {
  const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Sequential(new nn.Linear(8, 2)));
  const seen: [Module, number[], number[]][] = [];
  const see = (module: Module, x: tf.Tensor, y: tf.Tensor) => void seen.push([module, x.shape, y.shape]);
  const removers = [net[0], net[2], net].map((module) => nn.onForward(module, see));
  const sums: Promise<Float32Array>[] = [];
  const removeReader = nn.onForward(net[1], (_module, _x, y) => void sums.push(y.data() as Promise<Float32Array>));
  const x = tf.ones([3, 4]);
  net.forward(x).dispose();
  assertEquals(seen, [[net[0], [3, 4], [3, 8]], [net[2], [3, 8], [3, 2]], [net, [3, 4], [3, 2]]]);
  assertStrictEquals(seen[0][0], net[0]);
  assertEquals((await sums[0]).length, 24, "what a hook starts to read can be read");
  removers.forEach((remove) => remove());
  removeReader();
  net.forward(x).dispose();
  assertEquals([seen.length, sums.length], [3, 1]);
  x.dispose();
  release(net);
});

noLeaks("two hooks on one module run in order, and one may take itself away", () => {
  const relu = new nn.ReLU();
  const order: string[] = [];
  const remove = nn.onForward(relu, () => {
    order.push("first");
    remove();
  });
  nn.onForward(relu, () => void order.push("second"));
  const x = tf.zeros([1]);
  for (let i = 0; i < 2; i++) relu.forward(x).dispose();
  assertEquals(order, ["first", "second", "second"]);
  x.dispose();
});
