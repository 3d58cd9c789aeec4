import { createHash } from "node:crypto";
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { load, save, StateDict } from "thaw";
import { rebuild } from "../../lib/files/rebuild.ts";
import { channelsLast, uniform } from "../golden/values.ts";
import { nn } from "../nn/nn.ts";
import { assertClose, noLeaks, read, release } from "../tensors.ts";

/** What PyTorch makes of each block; see fixtures/make_fixtures.py. */
interface Expected {
  input: number[];
  shape: number[];
  output: number[];
  print: string;
  /** The SHA-256 of the file that thaw made of it, and PyTorch loaded. */
  thaw?: string;
}

const folder = new URL("./fixtures/", import.meta.url);
const expected: Record<string, Expected> = JSON.parse(await Deno.readTextFile(new URL("expected.json", folder)));

/** Torch's order of axes where they are those of pictures, `[N, C, H, W]`, in ours. */
function inOurs(name: string, numbers: Float32Array, shape: number[], already = takesChannelsLast): tf.Tensor {
  if (shape.length !== 4 || already.has(name)) return tf.tensor(numbers, shape);
  const [n, c, h, w] = shape;
  return tf.tensor(channelsLast(numbers, shape), [n, h, w, c]);
}

const takesChannelsLast = new Set(["swin", "swin_v2"]);
const givesChannelsLast = new Set([...takesChannelsLast, "layers"]);

for (const [name, { input, shape, output, print }] of Object.entries(expected)) {
  noLeaks(`PyTorch's file of ${name} is the same network here, and its copy too`, async () => {
    const model = await load<nn.Module>(new URL(`${name}.pth`, folder));
    const numbers = Float32Array.from(uniform(`${name}/input`, input.reduce((a, b) => a * b)), (u) => 2 * u - 1);
    const x = inOurs(name, numbers, input);
    const wanted = await read(inOurs(name, Float32Array.from(output), shape, givesChannelsLast));
    const check = async (one: nn.Module) => {
      const y = one.forward(x);
      assertClose(await read(y), wanted, 1e-4, name);
    };
    await check(model);
    if (!older.has(name)) assertEquals(String(model), print);
    assertEquals(model.parameters().map(({ requiresGrad }) => requiresGrad).indexOf(true), 1); // the first is frozen
    assertEquals([
      model.training,
      model.namedBuffers().some(([, buffer]) => buffer instanceof nn.Counter && buffer.value !== 5),
    ], [
      false,
      false,
    ]);
    const path = await Deno.makeTempFile({ suffix: ".pkl" });
    try {
      await save(model, path);
      const again = await load<nn.Module>(path);
      await check(again);
      assertEquals(String(again), String(model));
      const [a, b] = [model, again].map((one) => one.stateDict());
      assert((await a.diff(b)).equal);
      release(again, a, b);
    } finally {
      await Deno.remove(path);
    }
    x.dispose();
    release(model);
  });
}

/** They have names that are gone; what they are printed as is today's. */
const older = new Set(["older_names", "older_squeeze_excitation"]);

Deno.test("thaw still writes the files that were seen to load in PyTorch, byte for byte", async () => {
  const seen = Object.entries(expected).filter(([, { thaw }]) => thaw !== undefined);
  assertEquals(seen.map(([name]) => name).sort(), ["layers", "resnet", "swin_v2", "vision_transformer"]);
  const path = await Deno.makeTempFile({ suffix: ".pkl" });
  for (const [name, { thaw }] of seen) {
    const kept = await Deno.readFile(new URL(`${name}.thaw.pkl`, folder));
    assertEquals(createHash("sha256").update(kept).digest("hex"), thaw, name);
    const model = await load<nn.Module>(new URL(`${name}.pth`, folder));
    await save(model, path);
    assertEquals(await Deno.readFile(path), kept, name);
    release(model);
  }
  await Deno.remove(path);
});

Deno.test("attention that wants sequences first, as torch has it unless told, is refused by name", () => {
  const attributes = new Map<string, unknown>([["embed_dim", 8], ["num_heads", 2], ["batch_first", false], [
    "dropout",
    0,
  ]]);
  const none = new Map();
  const type = "torch.nn.modules.activation.MultiheadAttention";
  const saved = { type, attributes, parameters: none, buffers: none, modules: none };
  const message = `expected "" (${type}) to have True as batch_first, found false`;
  assertThrows(() => rebuild(saved, StateDict.from({})), TypeError, message);
  attributes.delete("batch_first"); // from before there was one
  assertThrows(() => rebuild(saved, StateDict.from({})), TypeError, message);
});
