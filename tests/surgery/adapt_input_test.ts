import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { adaptInput, models } from "thaw";
import { assertClose, noLeaks, plain, read, release, tensor } from "../tensors.ts";
import { nn } from "../nn/nn.ts";

const small = () =>
  new nn.Sequential(new nn.Conv2d(3, 4, 3, { padding: 1 }), new nn.BatchNorm2d(4), new nn.ReLU()).eval();

noLeaks("one channel: a grey picture is seen as its three equal channels were", async () => {
  const net = small();
  const grey = tensor<tf.Tensor4D>(plain("grey", [2, 5, 5, 1]));
  const three = tf.concat([grey, grey, grey], 3);
  const before = await read(net.forward(three));
  const conv = net.get("0", nn.Conv2d);
  const { bias, weight } = conv;
  conv.weight.requiresGrad = false;
  const { changes, keys } = adaptInput(net, 1);
  assertEquals(changes, [{ path: "0", before: "Conv2d(3, 4)", after: "Conv2d(1, 4)" }]);
  assertEquals([keys.added, keys.removed, keys.renamed.size], [[], [], 0]);
  assertEquals([conv.weight.shape, conv.bias === bias, conv.weight.requiresGrad], [[4, 1, 3, 3], true, false]);
  assertClose(await read(net.forward(grey)), before, 1e-6);
  tf.dispose([grey, three, weight.value]);
  release(net);
});

noLeaks(
  "many channels: filters are repeated in turn and scaled, so that equal channels give what they gave",
  async () => {
    const net = small();
    const grey = tensor<tf.Tensor4D>(plain("grey", [1, 5, 5, 1]));
    const [three, five] = [3, 5].map((n) => tf.concat(Array<tf.Tensor4D>(n).fill(grey), 3));
    const conv = net.get("0", nn.Conv2d);
    const { weight } = conv;
    const old = conv.stateDict();
    const before = await old.get("weight")!.data();
    adaptInput(net, 5);
    const now = conv.stateDict();
    const after = await now.get("weight")!.data();
    const at = (data: ArrayLike<number | bigint>, channels: number, c: number) => Number(data[c * 9]) * channels;
    for (let c = 0; c < 5; c++) {
      assertEquals(Math.abs(at(after, 5, c) - at(before, 3, c % 3)) < 1e-6, true, `channel ${c}`);
    }
    const y = net.forward(five);
    assertEquals([conv.inChannels, y.shape], [5, [1, 5, 5, 4]]);
    const x = tf.memory().numTensors;
    tf.dispose(net.forward(five));
    assertEquals(tf.memory().numTensors, x);
    tf.dispose([grey, three, five, y, weight.value]);
    release(net, old, now);
  },
);

noLeaks("a network of the zoo: its transforms are for three channels, and go", () => {
  const model = models.resnet18();
  model.transforms = models.info("resnet18").weights.DEFAULT.transforms;
  const { weight } = model.conv1;
  adaptInput(model, 4);
  assertEquals([model.conv1.inChannels, model.transforms], [4, undefined]);
  assertEquals(adaptInput(model, 4).changes, []);
  weight.value.dispose();
  release(model);
});

Deno.test("what cannot be adapted is told", () => {
  assertThrows(
    () => adaptInput(small(), 0),
    RangeError,
    "Cannot adapt the input: expected channels to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => adaptInput(new nn.Sequential(new nn.Linear(3, 2)), 1),
    TypeError,
    "Cannot adapt the input of Sequential: expected a convolution that takes it, found none in a forward over noise; pass " +
      "{ input: [height, width] } that the network runs on",
  );
  assertThrows(
    () => adaptInput(new nn.Sequential(new nn.Conv2d(3, 3, 1, { groups: 3 })), 1),
    TypeError,
    'Cannot adapt the input: expected "0" to have one group, found 3; replace it',
  );
});
