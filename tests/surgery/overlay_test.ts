import { assertEquals, assertRejects } from "@std/assert";
import { overlay, StateDict } from "thaw";
import type { TableSpec } from "../../lib/display/mod.ts";
import { copyOverlap } from "../../lib/surgery/overlap.ts";
import { noLeaks, release } from "../tensors.ts";
import { nn } from "../nn/nn.ts";

const count = (shape: number[]) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);

Deno.test("overlap: the beginning or the middle of each axis, in both directions", () => {
  const into = { shape: [3, 3], data: new Float32Array(9) };
  assertEquals(copyOverlap(into, { shape: [2, 4], data: count([2, 4]) }, "slice"), 6);
  assertEquals([...into.data], [1, 2, 3, 5, 6, 7, 0, 0, 0]);
  into.data.fill(0);
  assertEquals(copyOverlap(into, { shape: [1, 5], data: count([1, 5]) }, "center"), 3);
  assertEquals([...into.data], [0, 0, 0, 2, 3, 4, 0, 0, 0]);
  const deep = { shape: [1, 2, 2, 2], data: new Float32Array(8) };
  assertEquals(copyOverlap(deep, { shape: [2, 1, 4, 4], data: count([2, 1, 4, 4]) }, "center"), 4);
  assertEquals([...deep.data], [6, 7, 10, 11, 0, 0, 0, 0]);
});

/** What a network has under a name. */
async function valuesOf(model: nn.Module, name: string): Promise<number[]> {
  const entry = model.namedState().find(([path]) => path === name)![1].entry();
  const data = [...await entry.data() as Float32Array];
  (entry as nn.EngineEntry).dispose();
  return data;
}

const network = () =>
  new nn.Sequential({
    conv: new nn.Conv2d(1, 1, 3, { bias: false }),
    norm: new nn.BatchNorm2d(1),
    fc: new nn.Linear(2, 3),
  });

const saved = () =>
  StateDict.from({
    "conv.weight": { shape: [1, 1, 5, 5], data: count([25]) },
    "norm.weight": { shape: [1], data: [7] },
    "norm.num_batches_tracked": { shape: [], dtype: "int64", data: [3] },
    "fc.weight": { shape: [4, 2], dtype: "float16", data: [...count([8])] },
    "fc.bias": { shape: [3, 1], data: [1, 2, 3] },
    "head.weight": { shape: [1], data: [1] },
  });

noLeaks("overlay: what fits is copied, the rest stays and is named", async () => {
  const model = network();
  const before = await valuesOf(model, "conv.weight");
  const result = await overlay(model, saved());
  assertEquals(result.names("copied"), ["norm.weight", "norm.num_batches_tracked"]);
  assertEquals(result.names("mismatched"), ["conv.weight", "fc.weight", "fc.bias"]);
  assertEquals(result.names("missing"), ["norm.bias", "norm.running_mean", "norm.running_var"]);
  assertEquals(result.names("unexpected"), ["head.weight"]);
  assertEquals(await valuesOf(model, "conv.weight"), before);
  const table = result.spec() as TableSpec;
  assertEquals(
    table.title,
    "State dict laid over Sequential: 2 copied, 3 mismatched, 3 missing, 1 unexpected",
  );
  assertEquals(table.rows[0], [
    "conv.weight",
    { text: "mismatched", tone: "bad" },
    "[1, 1, 3, 3]",
    "[1, 1, 5, 5]",
    null,
  ]);
  release(model);
});

noLeaks("overlay: of other shapes with as many axes the overlapping part, and nothing else", async () => {
  const model = network();
  const result = await overlay(model, saved(), { partial: "center" });
  assertEquals(result.names("partly"), ["conv.weight", "fc.weight"]);
  assertEquals(result.names("mismatched"), ["fc.bias"]);
  assertEquals(await valuesOf(model, "conv.weight"), [7, 8, 9, 12, 13, 14, 17, 18, 19]);
  assertEquals(await valuesOf(model, "fc.weight"), [1, 2, 3, 4, 5, 6]);

  const wide = new nn.Linear(3, 1, { bias: false });
  const own = await valuesOf(wide, "weight");
  const { rows } = await overlay(wide, StateDict.from({ weight: { shape: [2, 2], data: [5, 6, 7, 8] } }), {
    partial: "slice",
  });
  assertEquals(rows, [{ name: "weight", outcome: "partly", expected: [1, 3], found: [2, 2], share: 2 / 3 }]);
  assertEquals(await valuesOf(wide, "weight"), [5, 6, own[2]]);
  release(model, wide);
});

noLeaks("overlay: from a network whose numbers have another layout, and all of it", async () => {
  const [model, other] = [network(), network()];
  const sd = other.stateDict();
  const result = await overlay(model, sd);
  assertEquals(String(result), "State dict laid over Sequential: 8 copied");
  assertEquals(await valuesOf(model, "conv.weight"), await valuesOf(other, "conv.weight"));
  const transposed = StateDict.from([["weight", sd.get("fc.weight")!], ["bias", sd.get("fc.bias")!]]);
  const conv = new nn.Sequential(new nn.Linear(2, 3));
  assertEquals((await overlay(conv, transposed.rename({ add: "0." }))).names("copied"), ["0.weight", "0.bias"]);
  release(model, other, conv, sd);
});

Deno.test("overlay: what is none, and what cannot be, is told", async () => {
  await assertRejects(
    () => overlay(network(), {} as StateDict),
    TypeError,
    "Cannot overlay a state dict: expected a state dict, found a plain object; StateDict.from(…) makes a state dict of one",
  );
  await assertRejects(
    () => overlay(network(), saved(), { partial: "left" as "slice" }),
    RangeError,
    'Cannot overlay a state dict: expected partial "slice" or "center", found "left"',
  );
});
