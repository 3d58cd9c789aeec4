import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { freeze, models, nn, summary, toHtml, toText } from "thaw";
import golden from "../golden/summary.json" with { type: "json" };

const builders = {
  resnet18: models.resnet18,
  resnet50: models.resnet50,
  resnext50_32x4d: models.resnext50_32x4d,
};

for (const [name, expected] of Object.entries(golden.models)) {
  Deno.test(`summary: ${name} has torchinfo's counts, multiply-adds and memory`, () => {
    const model = builders[name as keyof typeof builders]();
    if (name === "resnext50_32x4d") freeze(model, ["layer1"]);
    const { parameters, trainable, multiplyAdds, memory } = summary(model, [1, 224, 224, 3]);
    assertEquals({ parameters, trainable, multiplyAdds }, {
      parameters: expected.parameters,
      trainable: expected.trainable,
      multiplyAdds: expected.multiplyAdds,
    });
    const { activations, parameterBytes } = expected;
    const input = 4 * 224 * 224 * 3;
    const total = input + activations + parameterBytes;
    assertEquals(memory, { input, activations, parameters: parameterBytes, total });
  });
}

Deno.test("summary: each of resnet18's modules has torchinfo's figures", () => {
  const found = summary(models.resnet18(), 224).modules;
  const expected: Record<string, { calls: number; shape: number[]; parameters: number; multiplyAdds?: number }> =
    golden.models.resnet18.modules;
  assertEquals(found.map(({ name }) => name).toSorted(), Object.keys(expected).toSorted());
  for (const module of found) {
    const { calls, shape, parameters, multiplyAdds } = expected[module.name];
    const [n, c, ...pixels] = shape;
    assertEquals([module.calls, module.outputShape, module.parameters], [calls, [n, ...pixels, c], parameters]);
    if (multiplyAdds !== undefined) assertEquals(module.multiplyAdds, multiplyAdds, module.name);
  }
});

class Small extends nn.Module {
  body = new nn.Sequential(new nn.Conv2d(3, 4, 3, { bias: false }), new nn.BatchNorm2d(4), new nn.ReLU());
  unused = new nn.Identity();
  head = new nn.Linear(4, 2);
  override forward(x: tf.Tensor): tf.Tensor {
    return this.head.forward(tf.mean(this.body.forward(x), [1, 2]));
  }
}

Deno.test("summary: as text a table with modes, frozen parts and what did not run; nothing is left behind", () => {
  const model = new Small();
  freeze(model, ["body"]);
  model.head.training = false;
  model.parameters().forEach(({ value }) => value.shape);
  model.forward(tf.zeros([1, 8, 8, 3])).dispose();
  const before = tf.memory().numTensors;
  const result = summary(model, 8);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(model.training, true);
  assertEquals(
    toText(result.spec()),
    [
      "Small on [1, 8, 8, 3]",
      "module    type         output        parameters  multiply-adds  trains    mode",
      "────────  ───────────  ────────────  ──────────  ─────────────  ────────  ─────",
      "(all)     Small        [1, 2]               126           3.9k  ◐ partly  train",
      "  body    Sequential   [1, 6, 6, 4]         116           3.9k  ❄ frozen  train",
      "    0     Conv2d       [1, 6, 6, 4]         108           3.9k  ❄ frozen  train",
      "    1     BatchNorm2d  [1, 6, 6, 4]           8              8  ❄ frozen  train",
      "    2     ReLU         [1, 6, 6, 4]                             ❄ frozen  train",
      "  unused  Identity     not run                                            train",
      "  head    Linear       [1, 2]                10             10  ▶ yes     eval",
      "126 parameters, 10 trainable; 3.9k multiply-adds; memory about 3.6 kB: input 768 B, forward and backward 2.3 kB, parameters 504 B",
    ].join("\n"),
  );
  assertEquals(String(result), toText(result.spec()));
});

Deno.test("summary: as HTML a tree with columns", async () => {
  const html = await toHtml(summary(new Small(), 8).spec());
  for (const word of ["multiply-adds", "[1, 6, 6, 4]", "not run", "3,888 multiply-adds", "<details", "train"]) {
    assertEquals(html.includes(word), true, word);
  }
});

Deno.test("summary: what cannot be is said", () => {
  assertThrows(
    () => summary(new Small(), [1, 0]),
    RangeError,
    "Cannot summarize: expected inputSize [N, H, W, C] or a number of pixels, found [1,0]",
  );
  assertThrows(() => summary({} as nn.Module, 8), TypeError, "Cannot summarize: expected a network, found ");
});
