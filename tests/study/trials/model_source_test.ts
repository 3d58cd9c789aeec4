import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { manualSeed } from "../../../lib/engine/mod.ts";
import * as models from "../../../lib/models/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import {
  anchored,
  checkModelSource,
  isModelSource,
  makeModel,
  makePretrained,
  type ModelSource,
} from "../../../lib/study/trials/model_source.ts";
import { save as saveWhole } from "../../../lib/files/save.ts";
import { save } from "../../../lib/weights/save.ts";
import { noLeaks, release } from "../../tensors.ts";
import { inFolder } from "../splits/scripted.ts";

const small = new URL("../workers/small.ts", import.meta.url).href;
const lite = "efficientnet_lite0", head = "classifier.1", stem = "features.0.0";

async function values(model: nn.Module, path: string): Promise<number[]> {
  const { weight } = model.get(path) as nn.Linear | nn.Conv2d;
  return [...await weight.value.data()];
}

/** The standard deviation of a layer's weights. */
async function spread(model: nn.Module, path: string): Promise<number> {
  const found = await values(model, path);
  return Math.sqrt(found.reduce((sum, value) => sum + value ** 2, 0) / found.length);
}

noLeaks("a function and a module's export make the network as they will, whatever the classes", async () => {
  const made = new nn.Linear(2, 5);
  assert(await makeModel(() => made, 3) === made);
  assert(await makeModel(() => Promise.resolve(made), 3) === made);
  const exported = await makeModel({ module: small, export: "network", options: {} }, 9);
  assertEquals(exported.get("7", nn.Linear).outFeatures, 3);
  for (const source of [() => 7, () => Promise.resolve(undefined)] as unknown as ModelSource[]) {
    await assertRejects(
      () => makeModel(source, 3),
      TypeError,
      "Cannot study: expected the function to make a network, found ",
    );
  }
  await assertRejects(
    () => makeModel({ module: small, export: "trial", options: {} }, 3),
    TypeError,
    `Cannot study: expected ${small} to make a network, found a plain object`,
  );
});

noLeaks("a builder's network has an output for each class, unless its options say how many", async () => {
  const outputs = async (options: Record<string, unknown> | undefined, classes: number) => {
    const made = await makeModel({ model: lite, options }, classes);
    return made.get(head, nn.Linear).outFeatures;
  };
  assertEquals([await outputs(undefined, 9), await outputs({}, 4), await outputs({ numClasses: 6 }, 9)], [9, 4, 6]);
});

noLeaks("pretrained weights are kept; a head for other classes is a new one, as people make them", async () => {
  const source = { model: lite, options: { weights: "DEFAULT" } };
  manualSeed(4);
  const nine = await makeModel(source, 9);
  const own = await makePretrained(source);
  assertEquals([nine.get(head, nn.Linear).outFeatures, own.get(head, nn.Linear).outFeatures], [9, 1000]);
  assertEquals(await values(nine, stem), await values(own, stem));
  // uniform in ± 1/√1280, as torch.nn.Linear
  assertAlmostEquals(await spread(nine, head), 1 / Math.sqrt(3 * 1280), 2e-4);
  manualSeed(4);
  const twin = await makeModel(source, 9);
  assertEquals(await values(twin, head), await values(nine, head)); // from the seed
  const thousand = await makeModel(source, 1000);
  assertEquals(await values(thousand, head), await values(own, head));
  const anew = await makeModel({ model: lite, options: { weights: "DEFAULT", head: "new" } }, 1000);
  assertNotEquals(await values(anew, head), await values(own, head));
  assertEquals(await values(anew, stem), await values(own, stem));
  release(nine, own, twin, thousand, anew);
});

noLeaks(
  "a checkpoint takes the place of pretrained weights, its head where it is for as many classes",
  () =>
    inFolder(async (folder) => {
      manualSeed(1);
      const trained = models.efficientnet_lite0({ numClasses: 9 });
      const checkpoint = join(folder, "model.pth");
      const state = trained.stateDict();
      await save(state, checkpoint);
      const source = { model: lite, checkpoint };
      manualSeed(2);
      const same = await makeModel(source, 9);
      assertEquals([await values(same, stem), await values(same, head)], [
        await values(trained, stem),
        await values(trained, head),
      ]);
      const other = await makeModel({ ...source, checkpoint: pathToFileURL(checkpoint).href }, 5);
      assertEquals(await values(other, stem), await values(trained, stem));
      assertEquals(other.get(head, nn.Linear).outFeatures, 5);
      const pretrained = await makePretrained({ ...source, options: { numClasses: 9 } });
      assertEquals(await values(pretrained, head), await values(trained, head));
      release(trained, state, same, other, pretrained);
    }),
);

noLeaks("a checkpoint that does not fit is refused", () =>
  inFolder(async (folder) => {
    const other = new nn.Sequential(new nn.Linear(2, 2));
    const checkpoint = join(folder, "model.pth");
    const state = other.stateDict();
    await save(state, checkpoint);
    const { message } = await assertRejects(() => makeModel({ model: lite, checkpoint }, 9), Error);
    assert(message.startsWith("Cannot start from the checkpoint: "), message);
    assert(message.includes("0.weight"), message);
    await assertRejects(() => makeModel({ model: lite, checkpoint: join(folder, "none.pth") }, 9), Error, "none.pth");
    release(other, state);
  }));

Deno.test("a source that is none is refused before anything is made", () => {
  const refused = (source: unknown, found: string) => {
    const { message } = assertThrows(() => checkModelSource(source as ModelSource), TypeError);
    assertEquals(
      message,
      'Cannot study: expected what each trial\'s network can be made from, such as { model: "resnet18", options: { weights: ' +
        '"DEFAULT" } } (models.toSpec(model) gives it), the same with { checkpoint: "model.pth" }, { file: "model.pkl" } with a ' +
        `network that was saved whole, { module: "./net.ts" }, or a function that makes it, found ${found}`,
    );
    assertEquals(isModelSource(source), false);
  };
  refused(new nn.Linear(1, 1), "a network, Linear, of which there is only this one");
  refused("resnet18", '"resnet18"');
  refused({}, "a plain object");
  refused({ model: 18 }, "a plain object");
  refused({ module: new URL("file:///x.ts") }, "a plain object");
  refused(Promise.resolve(), "a promise; did you forget await?");
  refused(undefined, "undefined");
  refused(null, "null");
  assertThrows(() => checkModelSource({ model: "resnet19" }), RangeError, 'Cannot find the network "resnet19"');
  for (const good of [{ model: "resnet18" }, { module: "./net.ts" }, () => new nn.Linear(1, 1)]) {
    checkModelSource(good);
    assertEquals(isModelSource(good), true);
  }
});

Deno.test("a source that travels has paths that hold anywhere", () =>
  inFolder((folder) => {
    const here = (name: string) => relative(Deno.cwd(), join(folder, name));
    assertEquals(anchored({ module: here("net.ts"), export: "x" }), {
      module: pathToFileURL(join(folder, "net.ts")).href,
      export: "x",
    });
    assertEquals(anchored({ model: lite, checkpoint: here("a.pth") }), {
      model: lite,
      checkpoint: join(folder, "a.pth"),
    });
    const url = { model: lite, options: { numClasses: 3 }, checkpoint: "https://example.com/a.pth" };
    assertEquals(anchored(url), url);
    assertEquals(anchored({ model: lite }), { model: lite });
    return Promise.resolve();
  }));

noLeaks("a network that was saved whole is loaded for each trial, with a new head for other classes", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "net.pkl");
    const net = new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 3));
    await saveWhole(net, file);
    const same = await makeModel({ file }, 3);
    assertEquals(await values(same, "2"), await values(net, "2"));
    const other = await makeModel({ file }, 5);
    assertEquals([other.get("2", nn.Linear).outFeatures, await values(other, "0")], [5, await values(net, "0")]);
    const pretrained = await makePretrained({ file });
    assertEquals(String(pretrained), String(net));
    assertEquals([isModelSource({ file }), anchored({ file: "a.pkl" })], [true, { file: join(Deno.cwd(), "a.pkl") }]);
    const state = net.stateDict();
    await save(state, join(folder, "net.pth"));
    await assertRejects(
      () => makeModel({ file: join(folder, "net.pth") }, 3),
      TypeError,
      `Cannot study: expected a network that was saved whole in "${join(folder, "net.pth")}", found a state dict`,
    );
    release(net, same, other, pretrained, state);
  });
});
