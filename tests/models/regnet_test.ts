import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("regnet_y_400mf: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.regnet_y_400mf;
  const model = models.regnet_y_400mf();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

/** A RegNetY that takes no time. */
function tiny(options: models.RegNetArguments = {}): models.RegNet {
  const line = { depth: 4, w0: 16, wa: 12, wm: 2, groupWidth: 8, seRatio: 0.25 };
  return new models.RegNet(models.blockParams(line), { numClasses: 5, stemWidth: 16, ...options });
}

// torchvision 0.28: BlockParams.from_init_params
const lines: [models.RegNetLine, depths: number[], widths: number[], groupWidths: number[]][] = [
  [{ depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8 }, [1, 3, 6, 6], [48, 104, 208, 440], [8, 8, 8, 8]],
  [{ depth: 27, w0: 456, wa: 160.83, wm: 2.52, groupWidth: 264 }, [2, 7, 17, 1], [528, 1056, 2904, 7392], [
    264,
    264,
    264,
    264,
  ]],
  [{ depth: 23, w0: 320, wa: 69.86, wm: 2, groupWidth: 168 }, [2, 7, 13, 1], [336, 672, 1344, 2520], [
    168,
    168,
    168,
    168,
  ]],
  [
    { depth: 12, w0: 24, wa: 31.5, wm: 1.7, groupWidth: 112, bottleneckMultiplier: 0.25 },
    [1, 2, 2, 3, 4],
    [24, 72, 120, 200, 344],
    [6, 18, 30, 50, 86],
  ],
  [{ depth: 1, w0: 40, wa: 0, wm: 3, groupWidth: 64 }, [1], [40], [40]],
  [
    { depth: 9, w0: 8, wa: 8, wm: 2, groupWidth: 1, bottleneckMultiplier: 1.5 },
    [1, 1, 3, 4],
    [8, 16, 32, 64],
    [1, 1, 1, 1],
  ],
];

Deno.test("regnet: a line of widths makes torchvision's stages", () => {
  for (const [line, depths, widths, groupWidths] of lines) {
    const found = models.blockParams(line);
    assertEquals([found.depths, found.widths, found.groupWidths], [depths, widths, groupWidths], JSON.stringify(line));
    assertEquals(found.strides, widths.map(() => 2));
    assertEquals(found.bottleneckMultipliers, widths.map(() => line.bottleneckMultiplier ?? 1));
  }
});

noLeaks(
  "regnet: the stages in forward order are the whole network, a replaced head and an added block included",
  async () => {
    const model = tiny().eval();
    model.fc = new nn.Linear(model.fc.inFeatures, 3);
    const last = model.trunk_output.get("block3", models.AnyStage);
    last.append(new nn.ReLU6(), { name: "clip" });
    const stages = model.stages();
    assertEquals(stages.map(({ name }) => name), [
      "stem",
      "trunk_output.block1",
      "trunk_output.block2",
      "trunk_output.block3",
      "avgpool",
      "fc",
    ]);
    const x = tf.randomUniform([2, 64, 64, 3]);
    const whole = model.forward(x);
    const body = tf.tidy(() => nn.runStages(stages.slice(0, 4), x));
    const head = tf.tidy(() => nn.runStages(stages.slice(4), body));
    assertEquals([body.shape, head.shape], [[2, 4, 4, 64], [2, 3]]);
    assertEquals(last.at(-1).constructor.name, "ReLU6");
    assertEquals(await head.data(), await whole.data());
    tf.dispose([x, whole, body, head]);
    release(model);
  },
);

noLeaks("regnet: another normalization and activation, everywhere", () => {
  const kinds = (model: nn.Module) => new Set(model.modules().map(({ constructor }) => constructor.name));
  const norm = (channels: number) => new nn.LayerNorm(channels);
  const other = kinds(tiny({ normLayer: norm, activation: () => new nn.SiLU() }));
  assertEquals([other.has("LayerNorm"), other.has("SiLU")], [true, true]);
  assertEquals([other.has("BatchNorm2d"), other.has("ReLU")], [false, false]);
  // torch prints the one within squeeze-and-excitation otherwise than the others
  assertEquals(String(tiny().get("trunk_output.block1.block1-0.f.se.activation")), "ReLU()");
  assertEquals(String(tiny().get("trunk_output.block1.block1-0.activation")), "ReLU(inplace=True)");
});

noLeaks("regnet: initial values have torchvision's spread", async () => {
  const model = models.regnet_y_400mf();
  const spread = async ({ value }: nn.Parameter) => {
    const { mean, variance } = tf.moments(value);
    const found = [(await mean.data())[0], Math.sqrt((await variance.data())[0])];
    tf.dispose([mean, variance]);
    return found;
  };
  for (const path of ["stem.0", "trunk_output.block3.block3-1.f.b.0", "trunk_output.block4.block4-1.f.se.fc1"]) {
    const { weight } = model.get(path, nn.Conv2d);
    const [out, , kh, kw] = weight.shape;
    const expected = Math.sqrt(2 / (out * kh * kw));
    const [mean, deviation] = await spread(weight);
    assertEquals(Math.abs(deviation / expected - 1) < 0.06 && Math.abs(mean) < 0.1 * expected, true, path);
  }
  const [mean, deviation] = await spread(model.fc.weight);
  assertEquals(Math.abs(deviation / 0.01 - 1) < 0.02 && Math.abs(mean) < 1e-3, true);
  assertEquals(await spread(model.fc.bias!), [0, 0]);
  release(model);
});

Deno.test("regnet: what cannot be is refused", () => {
  const line = { depth: 4, w0: 16, wa: 12, wm: 2, groupWidth: 8 };
  const wrong: [object, string][] = [
    [{ depth: 0 }, "expected depth to be a whole number ≥ 1, found 0"],
    [{ w0: 12 }, "expected w0 to be a multiple of 8, found 12"],
    [{ wa: -1 }, "expected wa to be a number ≥ 0, found -1"],
    [{ wm: 1 }, "expected wm to be a number above 1, found 1"],
    [{ groupWidth: "8" }, 'expected groupWidth to be a whole number ≥ 1, found "8"'],
    [{ bottleneckMultiplier: 0 }, "expected bottleneckMultiplier to be a number above 0, found 0"],
    [{ seRatio: -0.5 }, "expected seRatio to be a number ≥ 0, found -0.5"],
  ];
  for (const [option, message] of wrong) {
    const full = `Cannot make a RegNet's stages: ${message}`;
    assertThrows(() => models.blockParams({ ...line, ...option }), RangeError, full);
  }
  assertThrows(
    () => models.regnet_x_400mf({ stemWidth: 0 }),
    RangeError,
    "Cannot make RegNet: expected stemWidth to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => new models.RegNet(models.blockParams(line), { stem: 8 } as models.RegNetArguments),
    TypeError,
    'Cannot make RegNet: expected options { numClasses, stemWidth, normLayer, activation }, found "stem"',
  );
});
