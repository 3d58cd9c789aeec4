import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { noLeaks, release } from "../tensors.ts";
import { type Module, nn } from "./nn.ts";

class Block extends nn.Module {
  conv = new nn.Conv2d(3, 4, 3, { padding: 1, bias: false });
  bn = new nn.BatchNorm2d(4);
  relu = new nn.ReLU({ inplace: true });
  override forward(x: tf.Tensor): tf.Tensor {
    return this.relu.forward(this.bn.forward(this.conv.forward(x)));
  }
}

class Net extends nn.Module {
  layer1 = new nn.Sequential(new Block());
  pool = new nn.AdaptiveAvgPool2d(1);
  flatten = new nn.Flatten();
  scale = new nn.Parameter([4], nn.init.constant(2));
  fc = new nn.Linear(4, 5);
  width = 4; // neither a module nor state
  override forward(x: tf.Tensor): tf.Tensor {
    const features = this.flatten.forward(this.pool.forward(this.layer1.forward(x)));
    return this.fc.forward(tf.mul(features, this.scale.value));
  }
}

Deno.test("modules are found by their properties, in order, parents first", () => {
  const net = new Net();
  assertEquals(net.namedChildren().map(([name]) => name), ["layer1", "pool", "flatten", "fc"]);
  assertStrictEquals(net.children()[3], net.fc);
  const paths = net.namedModules().map(([path]) => path);
  assertEquals(paths, [
    "",
    "layer1",
    "layer1.0",
    "layer1.0.conv",
    "layer1.0.bn",
    "layer1.0.relu",
    "pool",
    "flatten",
    "fc",
  ]);
  assertStrictEquals(net.modules()[0], net);
  assertEquals(net.modules().length, paths.length);
});

Deno.test("state comes in torch's order: a module's own parameters, its buffers, then its submodules'", () => {
  const net = new Net();
  const statistics = ["running_mean", "running_var", "num_batches_tracked"].map((name) => `layer1.0.bn.${name}`);
  assertEquals(net.namedState().map(([name]) => name), [
    "scale",
    "layer1.0.conv.weight",
    "layer1.0.bn.weight",
    "layer1.0.bn.bias",
    ...statistics,
    "fc.weight",
    "fc.bias",
  ]);
  assertEquals(net.namedBuffers().map(([name]) => name), statistics);
  assertEquals(net.parameters().length, 6);
  assertStrictEquals(net.namedParameters().at(-1)![1], net.fc.bias);
  assertEquals(net.parameters().reduce((total, { size }) => total + size, 0), 4 + 108 + 8 + 25);
});

Deno.test("a module in two places is one module, and its parameters are trained once", () => {
  const shared = new nn.Linear(2, 2);
  const net = new nn.Sequential(shared, new nn.ReLU(), shared);
  assertEquals(net.namedParameters().map(([name]) => name), ["0.weight", "0.bias"]);
  assertEquals(net.modules().length, 3);
  const visited: Module[] = [];
  net.apply((module) => visited.push(module));
  assertEquals(visited.length, 3);
  // A state dict has both names, as in torch, and so does the print.
  const sd = net.stateDict();
  assertEquals([...sd.keys()], ["0.weight", "0.bias", "2.weight", "2.bias"]);
  assertEquals(net.length, 3);
  assertEquals(String(net).includes("(2): Linear"), true);
  release(net, sd);
});

Deno.test("get walks a dotted path, of the class asked for", () => {
  const net = new Net();
  const conv: nn.Conv2d = net.get("layer1.0.conv", nn.Conv2d);
  assertStrictEquals(conv, (net.layer1[0] as Block).conv);
  assertStrictEquals(net.get(""), net);
  assertStrictEquals(net.get("fc"), net.fc);
  assertStrictEquals(net.get("layer1", nn.Sequential), net.layer1);
  const refused = (path: string, error: string) => assertThrows(() => net.get(path), RangeError, error);
  refused("head", `Cannot get "head": expected one of Net's submodules (layer1, pool, flatten, fc), found "head"`);
  refused(
    "layer1.0.norm",
    `Cannot get "layer1.0.norm": expected one of "layer1.0"'s submodules (conv, bn, relu), found "norm"`,
  );
  refused("fc.0", `Cannot get "fc.0": expected one of "fc"'s submodules (no submodules), found "0"`);
  refused("fc.weight", `Cannot get "fc.weight": expected one of "fc"'s submodules (no submodules), found "weight"`);
  refused("layer1..conv", `found ""`);
  refused("constructor", `found "constructor"`);
  assertThrows(
    () => net.get("layer1.0.conv", nn.Linear),
    TypeError,
    `Cannot get "layer1.0.conv": expected a Linear, found a Conv2d`,
  );
});

Deno.test("apply visits children before their parents and returns the module", () => {
  const net = new nn.Sequential(new nn.Sequential(new nn.ReLU()), new nn.Linear(1, 1));
  const visited: string[] = [];
  assertStrictEquals(net.apply((module) => visited.push(module.constructor.name)), net);
  assertEquals(visited, ["ReLU", "Sequential", "Linear", "Sequential"]);
});

Deno.test("train and eval reach everything; a frozen part stays in evaluation", () => {
  const net = new Net();
  assertEquals(net.modules().every(({ training, isTraining }) => training && isTraining), true);
  assertStrictEquals(net.eval(), net);
  assertEquals(net.modules().some(({ training }) => training), false);
  const bn = net.get("layer1.0.bn");
  bn.frozen = true;
  assertStrictEquals(net.train(), net);
  assertEquals([bn.training, bn.isTraining, net.fc.isTraining], [true, false, true]);
  net.train(false);
  assertEquals(net.fc.isTraining, false);
});

noLeaks("replacing a head is an assignment", async () => {
  const net = new Net();
  net.fc = new nn.Linear(net.fc.inFeatures, 9, { bias: false });
  assertEquals(net.namedState().at(-1)![0], "fc.weight");
  assertEquals(net.namedChildren().map(([name]) => name), ["layer1", "pool", "flatten", "fc"]);
  const x = tf.zeros([2, 8, 8, 3]);
  const y = net.eval().forward(x);
  assertEquals(y.shape, [2, 9]);
  await y.data();
  tf.dispose([x, y]);
  release(net);
});

noLeaks("forward and backward leave nothing behind but the result", () => {
  const net = new Net();
  const x = tf.randomUniform([2, 8, 8, 3]);
  net.forward(x).dispose(); // makes the parameters
  const before = tf.memory().numTensors;
  const values = net.parameters().map(({ value }) => value);
  for (let step = 0; step < 3; step++) {
    const y = net.forward(x);
    assertEquals(tf.memory().numTensors - before, 1);
    y.dispose();
    const labels = tf.tensor1d([1, 2], "int32");
    const loss = () => new nn.CrossEntropyLoss().forward(net.forward(x), labels);
    const { value, grads } = tf.engine().gradients(loss, values);
    assertEquals(grads.map(({ shape }) => shape), values.map(({ shape }) => shape));
    tf.dispose([value, labels, ...grads]);
    assertEquals(tf.memory().numTensors, before);
  }
  net.eval();
  net.forward(x).dispose();
  assertEquals(tf.memory().numTensors, before);
  x.dispose();
  release(net);
});

noLeaks("a module that hands its input on gives a tensor of its own", async () => {
  class Same extends nn.Module {
    override forward(x: tf.Tensor): tf.Tensor {
      return x;
    }
  }
  const modules = [new Same(), new nn.Identity(), new nn.Sequential(), new nn.Dropout(0), new nn.Dropout(0.5).eval()];
  for (const module of [...modules, new nn.AdaptiveAvgPool2d(2), new nn.Sequential(new Same(), new Same())]) {
    const x = tf.ones([1, 2, 2, 3]);
    const y = module.forward(x);
    x.dispose();
    assertEquals((await y.data()).every((value) => value === 1), true);
    y.dispose();
  }
});
