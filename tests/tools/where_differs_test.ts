import { assert, assertEquals } from "@std/assert";
import * as models from "../../lib/models/mod.ts";
import { Identity, Linear } from "../../lib/nn/mod.ts";
import { firstDeparture, whereDiffers } from "../../tools/where_differs.ts";
import { type GoldenModel, readGolden } from "../models/golden.ts";
import { noLeaks, release } from "../tensors.ts";

const { salt, models: rows } = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>(
  "torchvision.json.gz",
);

noLeaks("where-differs: a network that is torchvision's differs nowhere", async () => {
  const model = models.resnet18();
  const differences = await whereDiffers(model, rows.resnet18, salt);
  assertEquals([differences.keys, differences.text, firstDeparture(differences)], [[], undefined, undefined]);
  assertEquals(differences.children.map(({ child }) => child), Object.keys(rows.resnet18.children));
  assert(differences.logits < 1e-4 && differences.children.every(({ off }) => off < 1e-4));
  release(model);
});

noLeaks("where-differs: the first child that departs is the one with the mistake in it", async () => {
  const model = models.resnet18();
  Object.assign(model.get("layer3.0"), { relu: new Identity() });
  const differences = await whereDiffers(model, rows.resnet18, salt);
  assertEquals(firstDeparture(differences)?.child, "layer3");
  assertEquals(differences.keys, []);
  assertEquals(differences.text?.map((line) => line?.trim()), ["(relu): ReLU(inplace=True)", "(relu): Identity()"]);
  assert(differences.logits > 1e-3);
  release(model);
});

noLeaks("where-differs: names that are missing, too many or of another shape", async () => {
  const model = models.resnet18();
  model.fc = new Linear(512, 1000, { bias: false });
  Object.assign(model, { extra: new Linear(2, 3, { bias: false }), conv1: models.resnet18().get("layer1.0.conv1") });
  const differences = await whereDiffers(model, rows.resnet18, salt);
  assertEquals(differences.keys, [
    "fc.bias: expected [1000], found none",
    "extra.weight: expected none, found [3, 2]",
    "conv1.weight: expected [64, 3, 7, 7], found [64, 64, 3, 3]",
  ]);
  const { child, problem } = firstDeparture(differences)!; // it breaks off there
  assertEquals([child, problem?.slice(0, 61), differences.logits], [
    "conv1",
    "Cannot run Conv2d: expected input [N, H, W, 64], found [2, 64",
    NaN,
  ]);
  release(model);
});
