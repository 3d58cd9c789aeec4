import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { random } from "../../lib/engine/random.ts";
import * as models from "../../lib/models/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import "../engine_for_tests.ts";

Deno.test("models: the list is an array that displays as a table", async () => {
  const list = models.list();
  assertEquals(list.slice(0, 1), ["alexnet"]);
  assertEquals(list.map((name) => name.length).constructor, Array);
  const inspect = Deno.inspect(list);
  assert(/resnet18 +ResNet +2015 +11\.7M +1\.814 +69\.758 +IMAGENET1K_V1/.test(inspect), inspect);
  const bundle = await (list as unknown as Record<symbol, () => Promise<Record<string, string>>>)
    [Symbol.for("Jupyter.display")]();
  assert(bundle["text/html"].includes("wide_resnet101_2"));
});

Deno.test("models: what is known of a network", () => {
  const { weights, paper, family, head, default: best, ...info } = models.info("resnet50");
  assertEquals([family, paper.year, head, best, info.name], ["ResNet", 2015, "fc", "IMAGENET1K_V2", "resnet50"]);
  assertEquals(weights.DEFAULT, weights.IMAGENET1K_V2);
  assertEquals(weights.DEFAULT.transforms, {
    resize: 232,
    crop: 224,
    interpolation: "bilinear",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
  assertEquals(weights.IMAGENET1K_V1.file, {
    url: "https://download.pytorch.org/models/resnet50-0676ba61.pth",
    mebibytes: 97.781,
  });
  assertEquals(weights.IMAGENET1K_V1.accuracy, { top1: 76.13, top5: 92.862 });
  assertEquals([weights.DEFAULT.categories?.length, weights.DEFAULT.categories?.[0]], [1000, "tench"]);
});

for (const name of models.list()) {
  Deno.test(`${name}: every entry of its table agrees with the network that it is about`, () => {
    const info = models.info(name);
    for (const { file, options, parameters, transforms, minSize, categories } of Object.values(info.weights)) {
      if ("url" in file) assertMatch(file.url, /-[0-9a-f]{8,}\.pth$/);
      for (const option of Object.keys(options ?? {})) assert(option in info.options, option);
      const model = models.get(name, { weights: null, ...options });
      assertEquals(model.parameters().reduce((sum, { size }) => sum + size, 0), parameters);
      assertEquals(new Map(model.namedState()).get(`${info.head}.weight`)?.shape[0], 1000);
      assert(typeof transforms.crop === "number" && (minSize ?? [1]).every((side) => side <= transforms.crop!));
      assert(categories === null || categories.length === 1000);
    }
  });
}

Deno.test("models: the list can be narrowed by name and family", () => {
  assertEquals([...models.list({ include: "resnet*" })], [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
  ]);
  assertEquals([...models.list({ include: ["*resnet*", "resnext*"], exclude: ["resnet1?", "*101*", "*152"] })], [
    "resnet34",
    "resnet50",
    "resnext50_32x4d",
    "wide_resnet50_2",
  ]);
  assertEquals([...models.list({ family: "Wide ResNet" })], ["wide_resnet50_2", "wide_resnet101_2"]);
  assertEquals([...models.list({ include: "resnet" })], []);
  assertEquals([...models.list({ include: "res.*" })], []); // a pattern is no regular expression
  assertThrows(
    () => models.list({ family: "resnets" }),
    RangeError,
    "Cannot list networks: expected family AlexNet,",
  );
  assertThrows(
    () => models.list({ include: 18 as unknown as string }),
    TypeError,
    "Cannot list networks: expected include to be a name or a list of names, found 18",
  );
  assertThrows(
    () => models.list("resnet*" as unknown as models.ListOptions),
    TypeError,
    'Cannot list networks: expected options { include, exclude, family } in one object, found "resnet*"',
  );
});

Deno.test("models: the list has every network by family and size", () => {
  const infos = models.list().map(models.info);
  for (const [i, { family, parameters }] of infos.slice(1).entries()) {
    const before = infos[i];
    const order = before.family.localeCompare(family, "en");
    assert(order < 0 || (order === 0 && before.parameters <= parameters), `${before.name} before ${infos[i + 1].name}`);
  }
});

Deno.test("models: looking at a network changes no random number", () => {
  const state = random.save();
  String(models.info("wide_resnet50_2"));
  assertEquals(random.save(), state);
});

Deno.test("models: a builder says what it makes; nothing has values before it is used", () => {
  const model = models.resnet152({ numClasses: 9 });
  assertEquals(models.resnet152.name, "resnet152");
  assertEquals(models.resnet152.info.family, "ResNet");
  assert(model.namedState().every(([, stored]) => !("initialized" in stored) || !stored.initialized));
});

Deno.test("models: a network remembers its spec, out of sight, and is made again from it", async () => {
  const model = models.resnet50({ numClasses: 9, replaceStrideWithDilation: [false, false, true] });
  const spec = models.toSpec(model)!;
  assertEquals(spec, {
    model: "resnet50",
    options: { numClasses: 9, replaceStrideWithDilation: [false, false, true] },
  });
  assertEquals(Object.keys(model).includes("spec"), false);
  const again = await models.fromSpec(JSON.parse(JSON.stringify(spec)));
  assertEquals(String(again), String(model));
  assertEquals(models.toSpec(again), spec);
  assertEquals(models.toSpec(new models.ResNet(models.BasicBlock, [1, 1, 1, 1])), undefined);
  await assertRejects(
    () => models.fromSpec("resnet18" as unknown as models.ModelSpec),
    TypeError,
    'Cannot make a network: expected a spec such as { model: "resnet18", options: {} }, found "resnet18"',
  );
});

Deno.test("models: an unknown name is answered with those that are known", () => {
  for (const use of [() => models.get("resnet19"), () => models.info("resnet19")]) {
    assertThrows(
      use,
      RangeError,
      'Cannot find the network "resnet19": expected a name in models.list(), such as resnet18',
    );
  }
});

const bad: [options: unknown, message: string][] = [
  [
    { numclasses: 9 },
    "expected options weights, numClasses, head, zeroInitResidual, replaceStrideWithDilation, " +
    'found "numclasses"; write numClasses',
  ],
  [
    { num_classes: 9 },
    "expected options weights, numClasses, head, zeroInitResidual, replaceStrideWithDilation, " +
    'found "num_classes"; write numClasses',
  ],
  [{ numClasses: 0 }, "expected numClasses to be a whole number ≥ 1, found 0"],
  [{ numClasses: "9" }, 'expected numClasses to be a whole number ≥ 1, found "9"'],
  [{ head: "old" }, 'expected head to be "new" or not given, found "old"'],
  ["DEFAULT", 'expected options in one object, found "DEFAULT"'],
  [null, "expected options in one object, found null"],
  [{ weights: "IMAGENET1K_V2" }, 'expected weights "IMAGENET1K_V1" or "DEFAULT", found "IMAGENET1K_V2"'],
  [{ weights: true }, 'expected weights "IMAGENET1K_V1" or "DEFAULT", found true'],
];
for (const [options, message] of bad) {
  Deno.test(`models: resnet18(${JSON.stringify(options)}) is refused`, async () => {
    // deno-lint-ignore require-await
    const error = await assertRejects(async () => models.resnet18(options as models.BuildOptions), TypeError);
    assertEquals(error.message, `Cannot make resnet18: ${message}`);
  });
}

const byPlace: [name: string, make: (options: never) => unknown, found: string][] = [
  ["AlexNet", (options) => new models.AlexNet(options), "numClasses, dropout"],
  [
    "DenseNet",
    (options) => new models.DenseNet(options),
    "growthRate, blockConfig, numInitFeatures, bnSize, dropRate, numClasses",
  ],
  [
    "GoogLeNet",
    (options) => new models.GoogLeNet(options),
    "numClasses, auxLogits, transformInput, initWeights, dropout, dropoutAux",
  ],
  [
    "Inception3",
    (options) => new models.Inception3(options),
    "numClasses, auxLogits, transformInput, initWeights, dropout",
  ],
  ["MNASNet", (options) => new models.MNASNet(1, options), "numClasses, dropout"],
  [
    "ResNet",
    (options) => new models.ResNet(models.BasicBlock, [1, 1, 1, 1], options),
    "numClasses, zeroInitResidual, groups, widthPerGroup, replaceStrideWithDilation, normLayer",
  ],
  ["ShuffleNetV2", (options) => new models.ShuffleNetV2([1, 1, 1], [8, 8, 8, 8, 8], options), "numClasses"],
  ["SqueezeNet", (options) => new models.SqueezeNet("1_1", options), "numClasses, dropout"],
  ["VGG", (options) => new models.VGG([8], options), "numClasses, initWeights, dropout, batchNorm"],
];
for (const [network, make, known] of byPlace) {
  Deno.test(`models: a ${network} takes its options by their names alone`, () => {
    const expected = `Cannot make ${network}: expected options { ${known} }`;
    const first = known.split(",")[0];
    const place = assertThrows(() => make(9 as never), TypeError);
    assertEquals(place.message, `${expected} in one object, found 9; write { ${first}: 9 }`);
    const torchs = assertThrows(() => make({ num_classes: 9 } as never), TypeError);
    assertEquals(torchs.message, `${expected}, found "num_classes"; write numClasses`);
  });
}

Deno.test("models: an option that is undefined is one that was not given", () => {
  const blocks = { dropout: undefined, stochasticDepthProb: undefined, numClasses: undefined };
  const model = models.efficientnet_b4(blocks);
  assertEquals(model.classifier.get("0").extraRepr(), "p=0.4, inplace=True");
  assertEquals(models.toSpec(model), { model: "efficientnet_b4", options: {} });
});

const size = { patchSize: 8, numLayers: 1, numHeads: 1, hiddenDim: 8, mlpDim: 8 };
const cnBlocks = [{ inputChannels: 8, outChannels: null, numLayers: 1 }];
const line = { depth: 4, w0: 16, wa: 12, wm: 2, groupWidth: 8 };
const vitLike = { stemChannels: 8, partitionSize: 7, blockChannels: [8], blockLayers: [1], headDim: 8 };
const normed: [name: string, make: (normLayer: models.NormLayer) => unknown][] = [
  ["ConvNeXt", (normLayer) => new models.ConvNeXt(cnBlocks, { normLayer })],
  ["EfficientNet", (normLayer) => new models.EfficientNet(models.efficientNetStages(1, 1), { normLayer })],
  ["MaxVit", (normLayer) => new models.MaxVit({ ...vitLike, normLayer })],
  ["MobileNetV2", (normLayer) => new models.MobileNetV2({ normLayer })],
  ["MobileNetV3", (normLayer) => new models.MobileNetV3(models.mobileNetV3Blocks("small"), 8, { normLayer })],
  ["RegNet", (normLayer) => new models.RegNet(models.blockParams(line), { normLayer })],
  ["ResNet", (normLayer) => new models.ResNet(models.BasicBlock, [1, 1, 1, 1], { normLayer })],
  ["SwinTransformer", (normLayer) => new models.SwinTransformer([4, 4], 8, [1], [1], [7, 7], { normLayer })],
  ["VisionTransformer", (normLayer) => new models.VisionTransformer(size, { normLayer })],
];
for (const [network, make] of normed) {
  Deno.test(`models: a ${network}'s normLayer is a function, and not the class as in torch`, () => {
    const expected = `Cannot make ${network}: expected normLayer to be a function, found`;
    const write = "; write (channels) => new nn.";
    const { message: ofClass } = assertThrows(() => make(nn.LayerNorm as never), TypeError);
    assertEquals(ofClass, `${expected} the class LayerNorm${write}LayerNorm(channels)`);
    const { message: ofLayer } = assertThrows(() => make(new nn.BatchNorm2d(8) as never), TypeError);
    assertEquals(ofLayer, `${expected} a value of class BatchNorm2d${write}BatchNorm2d(channels)`);
  });
}
