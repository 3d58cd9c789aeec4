import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { random } from "../../lib/engine/random.ts";
import * as models from "../../lib/models/mod.ts";
import "../engine_for_tests.ts";

Deno.test("models: the list is an array that displays as a table", async () => {
  const list = models.list();
  assertEquals(list.slice(0, 4), ["efficientnet_lite0", "resnet18", "resnet34", "resnet50"]);
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
  assertEquals([weights.DEFAULT.categories.length, weights.DEFAULT.categories[0]], [1000, "tench"]);
});

Deno.test("models: every table agrees with the network that it is about", () => {
  for (const name of models.list()) {
    const info = models.info(name);
    for (const weights of Object.values(info.weights)) {
      assertEquals(weights.parameters, info.parameters, name);
      if ("url" in weights.file) assert(/-[0-9a-f]{8}\.pth$/.test(weights.file.url), weights.file.url);
    }
    assertEquals(models.get(name).get(info.head).namedState()[0][1].shape[0], 1000);
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
      'Cannot find the network "resnet19": expected one of efficientnet_lite0, resnet18, resnet34, resnet50,',
    );
  }
});

const bad: [options: unknown, message: string][] = [
  [
    { numclasses: 9 },
    "expected options weights, numClasses, head, zeroInitResidual, replaceStrideWithDilation, " +
    'found "numclasses"',
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
