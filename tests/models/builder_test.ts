import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { createHash } from "node:crypto";
import type * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { save } from "../../lib/weights/save.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";

/** A network of two layers, to load weights into. */
class Tiny extends nn.Module {
  body: nn.Linear;
  head: nn.Linear;

  constructor({ numClasses = 1000, width = 4 }: { numClasses?: number; width?: number }) {
    super();
    this.body = new nn.Linear(3, width);
    this.head = new nn.Linear(width, numClasses);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.head.forward(this.body.forward(x));
  }
}

const state = StateDict.from({
  "module.body.weight": { shape: [4, 3], data: Array.from({ length: 12 }, (_, i) => i) },
  "module.body.bias": { shape: [4], data: [1, 2, 3, 4] },
  "module.head.weight": { shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] },
  "module.head.bias": { shape: [2], data: [0.5, -0.5] },
});

/** Runs `use` with a builder of Tiny whose weights are on a server of this machine, and with an empty cache. */
async function withServer(use: (tiny: models.Builder<Tiny, { width?: number }>) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const cache = Deno.env.get("THAW_CACHE");
  Deno.env.set("THAW_CACHE", join(folder, "cache"));
  await save(state, join(folder, "tiny.pth"));
  const bytes = await Deno.readFile(join(folder, "tiny.pth"));
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(bytes));
  const weights = (rename?: (name: string) => string): models.Weights => ({
    file: { url: `http://127.0.0.1:${server.addr.port}/models/tiny-${hash}.pth`, mebibytes: 0.001 },
    rename,
    categories: ["cat", "dog"],
    transforms: { resize: 8, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] },
    accuracy: { top1: 50 },
    parameters: 26,
    gigaMultiplyAdds: 2e-8,
    recipe: "https://example.com",
  });
  try {
    await use(models.builder<Tiny, { width?: number }>({
      name: "tiny",
      family: "Tiny",
      paper: { title: "Small Is Beautiful", authors: "Schumacher", year: 1973, url: "https://example.com" },
      head: "head",
      weights: {
        default: "PETS_V2",
        entries: { PETS_V1: weights(), PETS_V2: weights((name) => name.replace("module.", "")) },
      },
      options: { width: "features; 4" },
      build: (options) => new Tiny(options),
    }));
  } finally {
    await server.shutdown();
    if (cache === undefined) Deno.env.delete("THAW_CACHE");
    else Deno.env.set("THAW_CACHE", cache);
    await Deno.remove(folder, { recursive: true });
  }
}

noLeaks("builder: weights are fetched, renamed and loaded, with what must be known to use them", async () => {
  await withServer(async (tiny) => {
    const model = await tiny({ weights: "DEFAULT" });
    assertEquals([...await model.head.bias!.value.data()], [0.5, -0.5]);
    assertEquals(model.classes, ["cat", "dog"]);
    assertEquals(model.transforms?.resize, 8);
    assertEquals(models.toSpec(model), { model: "tiny", options: { weights: "PETS_V2" } });
    release(model);
  });
});

noLeaks("builder: with a new head everything but the head is loaded", async () => {
  await withServer(async (tiny) => {
    const model = await tiny({ weights: "PETS_V2", numClasses: 5, head: "new" });
    assertEquals([...await model.body.bias!.value.data()], [1, 2, 3, 4]);
    assertEquals(model.head.outFeatures, 5);
    assertEquals(model.classes, undefined);
    const options = { weights: "PETS_V2", numClasses: 5, head: "new" };
    assertEquals(models.toSpec(model), { model: "tiny", options });
    release(model);
  });
});

noLeaks("builder: weights that do not fit the options are refused, by name and shape", async () => {
  await withServer(async (tiny) => {
    const error = await assertRejects(() => tiny({ weights: "DEFAULT", width: 5, head: "new" }), Error);
    assertEquals(error.message.split("\n")[0], "Cannot make tiny with these options: the weights do not fit.");
    assertMatch(error.message, /body.weight +mismatched +expected \[5, 3\], found \[4, 3\]/);
    assertMatch(error.message, /body.bias +mismatched +expected \[5\], found \[4\]/);
    await assertRejects(() => tiny({ weights: "PETS_V1" }), Error, "4 entries missing, 4 unexpected");
  });
});

noLeaks("builder: without weights the network is there at once", () => {
  const model: models.ResNet = models.resnet18({ weights: null, head: "new", numClasses: 3 });
  assertEquals(model.fc.outFeatures, 3);
  assertEquals(models.toSpec(model), { model: "resnet18", options: { numClasses: 3 } });
});
