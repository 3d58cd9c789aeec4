import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { freeze, manualSeed, models, setDropout } from "thaw";
import { nn } from "../nn/nn.ts";
import { noLeaks, onEachEngine, plain, read, tensor } from "../tensors.ts";
import { keysOf, releaseAll } from "./networks.ts";

function network(): nn.Sequential {
  return new nn.Sequential({
    body: new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.Dropout2d(0.1), new nn.Conv2d(4, 4, 3)),
    blocks: new nn.Sequential(new nn.Conv2d(4, 4, 1), new nn.Conv2d(4, 4, 1)),
    drop: new nn.Dropout(0.2),
    head: new nn.Linear(4, 2),
  } as unknown as nn.Module);
}

const rates = (model: nn.Module) =>
  model.namedModules().flatMap(([path, part]) => part instanceof nn.DropoutLayer ? [`${path} ${part.p}`] : []);

Deno.test("setting dropout: without names, wherever there is some", () => {
  const model = network();
  const changes = setDropout(model, 0.4);
  assertEquals(rates(model), ["body.1 0.4", "drop 0.4"]);
  assertEquals(changes.changes, [
    { path: "body.1", before: "Dropout2d(p=0.1)", after: "Dropout2d(p=0.4)" },
    { path: "drop", before: "Dropout(p=0.2)", after: "Dropout(p=0.4)" },
  ]);
  assertEquals(changes.title, "Dropout 0.4 set in Sequential");
  assertEquals([changes.keys.added, changes.keys.removed, changes.keys.renamed.size], [[], [], 0]);
});

Deno.test("setting dropout: a name of a dropout, of what holds one, or of what has one right before it", () => {
  const model = network();
  setDropout(model, 0.5, "drop");
  setDropout(model, 0.6, ["body"]);
  assertEquals(rates(model), ["body.1 0.6", "drop 0.5"]);
  setDropout(model, 0.7, ["head", "body.2"]);
  assertEquals(rates(model), ["body.1 0.7", "drop 0.7"]);
  setDropout(model, 0.8, "**");
  assertEquals(rates(model), ["body.1 0.8", "drop 0.8"]);
  setDropout(model, 0.9, "b*");
  assertEquals(rates(model), ["body.1 0.9", "drop 0.8"]);
});

Deno.test("setting dropout: where there is none it is put before the layer, once", () => {
  const model = network();
  const keys = keysOf(model);
  const changes = setDropout(model, 0.3, "blocks.*", { type: "Dropout2d" });
  assertEquals(changes.paths, ["blocks.0", "blocks.1"]);
  assertEquals(changes.changes[0].after, "Sequential(Dropout2d(p=0.3), Conv2d(4, 4))");
  assertEquals(rates(model), ["body.1 0.1", "blocks.0.0 0.3", "blocks.1.0 0.3", "drop 0.2"]);
  assertEquals(changes.keys.renamed.get("blocks.1.bias"), "blocks.1.1.bias");
  assertEquals(keysOf(model), keys.map((key) => changes.keys.renamed.get(key) ?? key));
  for (const again of ["blocks.*", "blocks", "blocks.?.1".replace("?", "*")]) setDropout(model, 0.4, again);
  assertEquals(rates(model), ["body.1 0.1", "blocks.0.0 0.4", "blocks.1.0 0.4", "drop 0.2"]);
  assertEquals(model.get("blocks.0.0") instanceof nn.Dropout2d, true);
  setDropout(model, 0, "body.0");
  assertEquals(rates(model).slice(0, 2), ["body.0.0 0", "body.1 0.1"]);
});

Deno.test("setting dropout: of what `**` finds in one another, the outermost", () => {
  const model = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()), new nn.Linear(2, 2));
  assertEquals(setDropout(model, 0.1, "**").paths, ["0", "1"]);
  assertEquals(rates(model), ["0.0 0.1", "1.0 0.1"]);
});

onEachEngine("setting dropout: resnet18's head gets one, and its stages run", () => {
  const model = models.resnet18({ numClasses: 3 });
  const { keys } = setDropout(model, 0.5, ["fc", "layer4.1.conv2"], { type: "AlphaDropout" });
  assertEquals(Object.fromEntries(keys.renamed), {
    "fc.weight": "fc.1.weight",
    "fc.bias": "fc.1.bias",
    "layer4.1.conv2.weight": "layer4.1.conv2.1.weight",
  });
  assertEquals(String(model.get("fc.0")), "AlphaDropout(p=0.5, inplace=False)");
  const x = tf.zeros([1, 32, 32, 3]);
  const y = model.eval().forward(x);
  assertEquals(y.shape, [1, 3]);
  tf.dispose([x, y]);
  releaseAll(model);
});

Deno.test("setting dropout: efficientnet_lite0 has its own before the classifier's last layer", () => {
  const model = models.efficientnet_lite0({ numClasses: 3 });
  assertEquals(setDropout(model, 0.5).paths, ["classifier.0"]);
  assertEquals(setDropout(model, 0.6, "classifier.1").paths, ["classifier.0"]);
  assertEquals(rates(model), ["classifier.0 0.6"]);
});

noLeaks("setting dropout: in a frozen part it is off, and says so", async () => {
  const model = network();
  freeze(model, ["blocks", "drop"]);
  const { changes } = setDropout(model, 0.9, ["blocks.0", "drop"]);
  assertEquals(changes.map(({ after }) => after), [
    "Dropout(p=0.9), off: frozen",
    "Sequential(Dropout(p=0.9), off: frozen, Conv2d(4, 4))",
  ]);
  const x = tensor(plain("x", [2, 3, 3, 4]));
  const run = (mode: boolean) => read(model.train(mode).get("blocks").forward(x));
  assertEquals((await run(true)).data, (await run(false)).data);
  assertEquals([model.get("blocks.0").frozen, model.get("blocks.0.0").isTraining], [true, false]);
  x.dispose();
  releaseAll(model);
});

onEachEngine("setting dropout: the mean in training is that in evaluation, to sampling error", async () => {
  manualSeed(3);
  const rows = 4000;
  const model = new nn.Sequential(new nn.Linear(32, 4));
  const row = tensor(plain("row", [1, 32], 0, 1));
  const x = tf.tile(row, [rows, 1]);
  for (const p of [0.2, 0.5, 0.8]) {
    setDropout(model, p, "0");
    const still = await read(model.eval().forward(row));
    const drawn = await read(model.train().forward(x));
    for (let unit = 0; unit < 4; unit++) {
      const values = Array.from({ length: rows }, (_, i) => drawn.data[4 * i + unit]);
      const mean = values.reduce((a, b) => a + b, 0) / rows;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1);
      assert(variance > 0, "something is dropped");
      const error = Math.sqrt(variance / rows);
      assert(Math.abs(mean - still.data[unit]) < 4.5 * error, `p ${p}: ${mean} ± ${error}, not ${still.data[unit]}`);
    }
  }
  assertEquals(rates(model), ["0.0 0.8"]);
  tf.dispose([row, x]);
  releaseAll(model);
});

Deno.test("setting dropout: what cannot be is said", () => {
  const model = network();
  const refused = (run: () => unknown, type: typeof TypeError | typeof RangeError, text: string) =>
    assertThrows(run, type, text);
  refused(
    () => setDropout(models.resnet18(), 0.5),
    RangeError,
    "Cannot set dropout of ResNet: expected dropout layers, found none; say before which layer to put one: " +
      'setDropout(model, 0.5, "fc")',
  );
  refused(() => setDropout(model, 1.5), RangeError, "Cannot set dropout: expected p from 0 to 1, found 1.5");
  refused(
    () => setDropout(model, undefined as unknown as number),
    RangeError,
    "Cannot set dropout: expected p from 0 to 1, found undefined",
  );
  refused(
    () => setDropout(model, 0.5, "fc"),
    RangeError,
    'Cannot set dropout at "fc": expected a module such as body, blocks, drop, head, found none of that name',
  );
  refused(
    () => setDropout(model, 0.5, ["head", 7] as string[]),
    TypeError,
    "Cannot set dropout at 7: expected a name or a list of names",
  );
  refused(
    () => setDropout(model, 0.5, "head", { type: "Dropout3d" as "Dropout2d" }),
    RangeError,
    'Cannot set dropout: expected type "Dropout" or "Dropout2d" or "AlphaDropout", found "Dropout3d"',
  );
  refused(
    () => setDropout(new nn.Sequential(new nn.ModuleList([new nn.ReLU()])), 0.5, "0"),
    TypeError,
    'Cannot set dropout at "0": expected a module that runs, found a ModuleList, which only holds others; name one of ' +
      'those, or "0.*" for all',
  );
  refused(
    () => setDropout(0.5 as unknown as nn.Module, 0.5),
    TypeError,
    "Cannot set dropout: expected a network, found 0.5",
  );
  assertEquals(rates(model), ["body.1 0.1", "drop 0.2"], "nothing has changed");
});
