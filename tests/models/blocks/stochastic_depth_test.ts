import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../../lib/engine/random.ts";
import { StochasticDepth } from "../../../lib/models/mod.ts";
import { onEachEngine } from "../../tensors.ts";

onEachEngine("StochasticDepth: whole samples are left out while training, the others scaled", async () => {
  manualSeed(1);
  const layer = new StochasticDepth(0.25, "row");
  const x = tf.ones([2000, 2, 1, 1]);
  const y = layer.forward(x);
  const values = await y.data();
  const kept = values.filter((value, i) => i % 2 === 0 && value !== 0).length;
  assert(values.every((value, i) => value === values[i - i % 2]), "samples are left out whole");
  assert([...new Set(values)].every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-6));
  assert(Math.abs(kept / 2000 - 0.75) < 0.05, `${kept} of 2000 kept`);
  const still = layer.eval().forward(x);
  assertEquals(await still.data(), await x.data());
  tf.dispose([x, y, still]);
});

onEachEngine("StochasticDepth: batch mode leaves out all samples or none; a frozen one none", async () => {
  manualSeed(1);
  const layer = new StochasticDepth(0.5, "batch");
  const x = tf.ones([8, 3]);
  const seen = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const y = layer.forward(x);
    seen.add([...new Set(await y.data())].join());
    y.dispose();
  }
  assertEquals([...seen].sort(), ["0", "2"]);
  layer.frozen = true;
  const y = layer.forward(x);
  assertEquals(await y.data(), await x.data());
  tf.dispose([x, y]);
});

Deno.test("StochasticDepth: bad arguments are refused", () => {
  assertThrows(
    () => new StochasticDepth(1.5, "row"),
    RangeError,
    "Cannot make StochasticDepth: expected p from 0 to 1, found 1.5",
  );
  assertThrows(
    () => new StochasticDepth(0.5, "rows" as "row"),
    RangeError,
    'Cannot make StochasticDepth: expected mode "row" or "batch", found "rows"',
  );
});
