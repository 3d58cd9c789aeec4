import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { noLeaks, read, release, tensor } from "../tensors.ts";
import { type Module, nn } from "./nn.ts";

noLeaks("Sequential runs its modules in order", async () => {
  const net = new nn.Sequential(
    new nn.Linear(2, 2, { init: nn.init.constant(1), bias: false }),
    new nn.ReLU(),
    new nn.Linear(2, 1, { init: nn.init.constant(2), bias: false }),
  );
  const x = tensor({ shape: [2, 2], data: new Float32Array([1, 2, -3, 1]) });
  assertEquals([...(await read(net.forward(x))).data], [12, 0]);
  x.dispose();
  release(net);
});

Deno.test("Sequential: index, replace, at, length, iterate, append", () => {
  const [a, b, c] = [new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 3)];
  const seq = new nn.Sequential(a, b);
  assertStrictEquals(seq[0], a);
  assertStrictEquals(seq.append(c), seq);
  assertEquals([seq.length, ...seq], [3, a, b, c]);
  assertStrictEquals(seq[2], c);
  assertStrictEquals(seq.at(-1), c);
  assertStrictEquals(seq.at(0, nn.Linear), a);
  seq[2] = new nn.Linear(seq.get("2", nn.Linear).inFeatures, 9);
  assertEquals(seq.at(-1, nn.Linear).outFeatures, 9);
  assertEquals(seq.namedParameters().map(([name]) => name), ["0.weight", "0.bias", "2.weight", "2.bias"]);
  assertEquals(seq[7], undefined);
  assertThrows(() => seq.at(3), RangeError, "Cannot get module 3: expected one of 3");
  assertThrows(() => seq.at(-4), RangeError, "Cannot get module -4: expected one of 3");
  assertThrows(() => seq.at(1, nn.Linear), TypeError, `Cannot get "1": expected a Linear, found a ReLU`);
});

Deno.test("Sequential: names by a record, in its order", () => {
  const seq = new nn.Sequential({ conv: new nn.Conv2d(3, 4, 3), relu: new nn.ReLU() });
  assertEquals(seq.namedChildren().map(([name]) => name), ["conv", "relu"]);
  assertEquals(seq.get("conv", nn.Conv2d).outChannels, 4);
  assertEquals([seq.length, seq[0]], [2, undefined]);
  assertEquals(new nn.Sequential({}).length, 0);
});

Deno.test("Sequential: behind names comes a name, since a number would run before them", () => {
  const [a, b] = [new nn.ReLU(), new nn.Tanh()];
  const named = new nn.Sequential({ first: a });
  assertThrows(
    () => named.append(b),
    TypeError,
    'Cannot insert into Sequential: its submodules have names (first); give one: { name: "…" }',
  );
  assertEquals([...named.append(b, { name: "second" })], [a, b]);
  assertEquals(named.stages().map(({ name }) => name), ["first", "second"]);
});

Deno.test("Sequential refuses what is no module and names that it needs itself", () => {
  const refuse = (make: () => Module, type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals(assertThrows(make, type).message, message);
  const none = undefined as unknown as Module;
  refuse(
    () => new nn.Sequential(new nn.ReLU(), none),
    TypeError,
    "Cannot make Sequential: expected a module as 1, found undefined",
  );
  refuse(() => new nn.Sequential(none), TypeError, "Cannot make Sequential: expected a module as 0, found undefined");
  refuse(
    () => new nn.Sequential({ relu: "relu" as unknown as Module }),
    TypeError,
    "Cannot make Sequential: expected a module as relu, found relu",
  );
  for (const name of ["forward", "length", "training", "frozen", "append", "classes"]) {
    refuse(
      () => new nn.Sequential({ [name]: new nn.ReLU() }),
      RangeError,
      `Cannot name a submodule "${name}": Sequential has such a member`,
    );
  }
  for (const name of ["", "a.b"]) {
    refuse(
      () => new nn.Sequential({ [name]: new nn.ReLU() }),
      RangeError,
      `Cannot name a submodule "${name}": expected a name without dots`,
    );
  }
});

noLeaks("stages of a Sequential are its modules, each runs by itself", async () => {
  const seq = new nn.Sequential({
    double: new nn.Linear(1, 1, { init: nn.init.constant(2), bias: false }),
    relu: new nn.ReLU(),
  });
  const stages = seq.stages();
  assertEquals(stages.map(({ name, modules }) => [name, ...modules]), [["double", "double"], ["relu", "relu"]]);
  const x = tf.tensor2d([[-1], [3]]);
  assertEquals([...(await read(stages[1].forward!(x))).data], [0, 3]);
  assertEquals([...(await read(tf.tidy(() => nn.runStages(stages, x)))).data], [0, 6]);
  assertThrows(
    () => nn.runStages([{ name: "blocks", modules: ["blocks"] }], x),
    TypeError,
    `Cannot run the stage "blocks" by itself: it has no forward function`,
  );
  x.dispose();
  release(seq);
});

Deno.test("a module that knows no better lists its children as stages that do not run alone", () => {
  class Two extends nn.Module {
    a = new nn.ReLU();
    b = new nn.ReLU();
    override forward(x: tf.Tensor): tf.Tensor {
      return this.b.forward(this.a.forward(x));
    }
  }
  assertEquals(new Two().stages(), [{ name: "a", modules: ["a"] }, { name: "b", modules: ["b"] }]);
});

Deno.test("ModuleList holds modules by number and runs none", () => {
  const [a, b] = [new nn.Linear(1, 1), new nn.ReLU()];
  const list = new nn.ModuleList([a]);
  assertStrictEquals(list.append(b), list);
  assertEquals([list.length, ...list], [2, a, b]);
  assertStrictEquals(list[1], b);
  assertEquals(list.namedParameters().map(([name]) => name), ["0.weight", "0.bias"]);
  const x = tf.zeros([1]);
  assertThrows(
    () => list.forward(x),
    TypeError,
    "Cannot run ModuleList: a ModuleList only holds modules: call them one by one, or use a Sequential",
  );
  x.dispose();
  assertThrows(
    () => new nn.ModuleList([a, null as unknown as Module]),
    TypeError,
    "Cannot make ModuleList: expected a module as 1, found null",
  );
});
