import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

for (const name of ["resnet18", "resnext50_32x4d"]) { // both kinds of block, and groups
  noLeaks(`${name}: torchvision's keys, counts, text and logits`, async () => {
    const row = golden.models[name];
    const model = models.get(name);
    assertStructure(model, row);
    assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
    await assertOutput(model, row, golden.salt);
    release(model);
  });
}

noLeaks("resnet: the stages in forward order are the whole network, a replaced head included", async () => {
  const model = models.resnet18();
  model.fc = new nn.Linear(model.fc.inFeatures, 9);
  const stages = model.stages();
  assertEquals(stages.map(({ name }) => name), ["conv1", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"]);
  assertEquals(stages.flatMap(({ modules }) => modules), model.namedChildren().map(([name]) => name));
  const x = tf.ones([1, 64, 64, 3]);
  model.eval();
  const whole = model.forward(x);
  const body = tf.tidy(() => nn.runStages(stages.slice(0, 5), x));
  const head = tf.tidy(() => nn.runStages(stages.slice(5), body));
  assertEquals([body.shape, head.shape], [[1, 2, 2, 512], [1, 9]]);
  assertEquals(await head.data(), await whole.data());
  tf.dispose([x, whole, body, head]);
  release(model);
});

noLeaks("resnet: dilation in the stride's place keeps height and width, and the keys", () => {
  const plain = models.resnet50({ numClasses: 5 });
  const model = models.resnet50({ numClasses: 5, replaceStrideWithDilation: [false, true, true] });
  assertEquals(model.namedState().map(([name]) => name), plain.namedState().map(([name]) => name));
  const spread = (path: string) => [model.get(path, nn.Conv2d).stride, model.get(path, nn.Conv2d).dilation];
  assertEquals(spread("layer3.0.conv2"), [[1, 1], [1, 1]]);
  assertEquals(spread("layer3.1.conv2"), [[1, 1], [2, 2]]);
  assertEquals(spread("layer4.0.conv2"), [[1, 1], [2, 2]]);
  assertEquals(spread("layer4.1.conv2"), [[1, 1], [4, 4]]);
  assertEquals(model.get("layer3.0.downsample.0", nn.Conv2d).stride, [1, 1]);
  const x = tf.zeros([1, 64, 64, 3]);
  const maps = tf.tidy(() => nn.runStages(model.eval().stages().slice(0, 5), x));
  assertEquals(maps.shape, [1, 8, 8, 2048]);
  tf.dispose([x, maps]);
  release(model);
});

noLeaks("resnet: with zeroInitResidual every block starts as the identity", async () => {
  const model = models.resnet50({ zeroInitResidual: true });
  const block = model.get("layer1.1", models.Bottleneck).eval();
  const x = tf.randomUniform([1, 8, 8, 256]);
  const y = block.forward(x);
  assertEquals(await y.data(), await x.data());
  assertEquals(models.resnet18({ zeroInitResidual: true }).namedParameters().length, 62);
  tf.dispose([x, y]);
  release(model);
});

noLeaks("resnet: initial values have torchvision's spread", async () => {
  const model = models.resnet18();
  for (const path of ["conv1", "layer2.0.conv1", "layer2.0.downsample.0"]) {
    const { weight } = model.get(path, nn.Conv2d);
    const { mean, variance } = tf.moments(weight.value);
    const [out, , kh, kw] = weight.shape;
    const expected = Math.sqrt(2 / (out * kh * kw));
    const deviation = Math.sqrt((await variance.data())[0]) / expected;
    assertEquals(Math.abs(deviation - 1) < 0.05 && Math.abs((await mean.data())[0]) < 0.1 * expected, true, path);
    tf.dispose([mean, variance]);
  }
  release(model);
});

noLeaks("resnet: a file without batch norm's counters loads, as torchvision's older ones are", () => {
  const model = models.resnet18();
  const row = golden.models.resnet18;
  const state = goldenState(row, golden.salt, model).filter((name) => !name.endsWith("num_batches_tracked"));
  assertEquals(model.loadStateDict(state).matched.length, 102);
  release(model);
});

Deno.test("resnet: what a block cannot have is refused", () => {
  const message =
    assertThrows(() => models.resnet18({ replaceStrideWithDilation: [false, false, true] }), RangeError).message;
  assertEquals(
    message,
    "Cannot make BasicBlock: expected groups 1, baseWidth 64 and dilation 1, found groups 1, baseWidth 64 and dilation 2; " +
      "networks of Bottleneck blocks, such as resnet50, can have others",
  );
  assertThrows(
    () => new models.ResNet(models.BasicBlock, [2, 2, 2] as unknown as models.Layers),
    TypeError,
    "Cannot make ResNet: expected layers to be four numbers of blocks, found [2,2,2]",
  );
  assertThrows(
    () => models.resnet50({ replaceStrideWithDilation: [true] as unknown as [boolean, boolean, boolean] }),
    TypeError,
    "Cannot make ResNet: expected replaceStrideWithDilation to be three booleans, for layer2, layer3 and layer4, found [true]",
  );
  assertThrows(
    () => models.resnet50({ zeroInitResidual: "yes" as unknown as boolean }),
    TypeError,
    'Cannot make ResNet: expected zeroInitResidual to be true or false, found "yes"',
  );
  assertThrows(
    () => new models.ResNet("Bottleneck" as unknown as models.Block, [2, 2, 2, 2]),
    TypeError,
    'Cannot make ResNet: expected block to be models.BasicBlock, models.Bottleneck or a class like them, found "Bottleneck"',
  );
  assertThrows(
    () => new models.ResNet(models.Bottleneck, [2, 2, 2, 2], { groups: 0 }),
    RangeError,
    "Cannot make ResNet: expected groups to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => new models.BasicBlock(64, 64, 2 as models.BlockOptions),
    TypeError,
    "Cannot make BasicBlock: expected options { stride, downsample, groups, baseWidth, dilation, normLayer } in one object, " +
      "found 2; write { stride: 2 }",
  );
});
