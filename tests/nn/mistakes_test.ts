import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { data } from "../../mod.ts";
import type { StateDict } from "../../lib/weights/state_dict.ts";
import { noLeaks, release } from "../tensors.ts";
import { nn } from "./nn.ts";

noLeaks("loadStateDict says what it was given in place of a state dict", () => {
  const net = new nn.Linear(2, 2);
  const mistakes: [given: unknown, found: string][] = [
    [Promise.resolve(), "a promise; did you forget await?"],
    [net, "a network (Linear); write loadStateDict(other.stateDict())"],
    ["w.pth", '"w.pth"; write await load("w.pth")'],
    [{ weight: [1] }, "a plain object; StateDict.from(…) makes a state dict of one"],
    [new Map(), "a value of class Map"],
    [null, "null"],
    [undefined, "undefined"],
  ];
  for (const [given, found] of mistakes) {
    const { message } = assertThrows(() => net.loadStateDict(given as StateDict), TypeError);
    assertEquals(message, `Cannot load a state dict: expected a state dict, found ${found}`);
  }
});

noLeaks("names that only have a prefix too many are told how to lose it", () => {
  const net = new nn.Sequential(new nn.Linear(2, 2));
  const sd = net.stateDict();
  for (const prefix of ["module.", "model._orig_mod."]) {
    const found = sd.rename((name) => prefix + name);
    const { message } = assertThrows(() => net.loadStateDict(found), Error);
    assertEquals(
      message.split("\n")[0],
      "Cannot load the state dict into Sequential: 2 entries missing, 2 unexpected, 0 of another shape. " +
        `Names begin with "${prefix}": sd.rename({ strip: "${prefix}" }) takes it off`,
    );
    assertEquals(net.loadStateDict(found.rename({ strip: prefix })).complete, true);
  }
  release(net, sd);
});

noLeaks("predict says what it was given in place of pictures", async () => {
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(2, 2));
  const x = tf.zeros([3, 2]);
  const scalar = tf.scalar(1);
  const expected = "expected pictures (paths, addresses, files' bytes) or a tensor [N, H, W, C]";
  const mistakes: [given: unknown, found: string][] = [
    [Promise.resolve(), "a promise; did you forget await?"],
    [["cat.png", Promise.resolve()], "at 1 a promise; did you forget await?"],
    [
      data.fromTensors(x, [0, 0, 0]),
      "a dataset; evaluate(model, dataset) goes over one, and [await dataset.picture(0)] is one of its pictures",
    ],
    [scalar, "a tensor of one number"],
    [undefined, "undefined"],
    [7, "7"],
  ];
  for (const [given, found] of mistakes) {
    const { message } = await assertRejects(() => net.predict(given as tf.Tensor), TypeError);
    assertEquals(message, `Cannot predict: ${expected}, found ${found}`);
  }
  for (const [name, value] of [["batchSize", 0], ["batchSize", 1.5], ["topK", 0], ["topK", "all"]] as const) {
    const { message } = await assertRejects(() => net.predict(x, { [name]: value }), RangeError);
    assertEquals(message, `Cannot predict: expected ${name} to be a whole number ≥ 1, found ${value}`);
  }
  const { message } = await assertRejects(() => net.predict(x, 3 as unknown as object), TypeError);
  assertEquals(
    message,
    "Cannot predict: expected options { topK, batchSize, transforms, classes } in one object, found 3; " +
      "write { topK: 3 }",
  );
  assertEquals((await net.predict(x, { batchSize: 2, topK: 1 })).length, 3);
  tf.dispose([x, scalar]);
  release(net);
});
