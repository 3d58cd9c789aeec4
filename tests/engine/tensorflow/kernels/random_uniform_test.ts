import { assertEquals, assertNotEquals } from "@std/assert";
import { randomUniform } from "../../../../lib/engine/ops/random_uniform.ts";
import { manualSeed } from "../../../../lib/engine/random.ts";
import { onEachEngine, read } from "../../../tensors.ts";

onEachEngine("random uniform numbers follow from the seed and from how many were drawn before", async () => {
  manualSeed(7);
  const first = await read(randomUniform([3, 4]));
  const second = await read(randomUniform([3, 4]));
  manualSeed(7);
  assertEquals(await read(randomUniform([3, 4])), first);
  assertEquals(await read(randomUniform([3, 4])), second);
  manualSeed(8);
  assertNotEquals(await read(randomUniform([3, 4])), first);
  assertNotEquals(first, second);
  assertEquals(first.shape, [3, 4]);
});

onEachEngine("random uniform numbers are spread evenly over [0, 1)", async () => {
  manualSeed(1);
  const count = 100_000;
  const { data } = await read(randomUniform([count]));
  const bins = new Array(10).fill(0);
  let sum = 0, squares = 0, neighbours = 0;
  data.forEach((value, i) => {
    assertEquals(value >= 0 && value < 1, true, `${value}`);
    bins[Math.floor(value * 10)]++;
    sum += value;
    squares += value * value;
    if (i) neighbours += (value - 0.5) * (data[i - 1] - 0.5);
  });
  // Within five standard errors: the mean's is √(1/12n), a bin's √(n·0.09), the neighbours' √n/12.
  const mean = sum / count;
  assertEquals(Math.abs(mean - 0.5) < 5 * Math.sqrt(1 / 12 / count), true, `mean ${mean}`);
  assertEquals(Math.abs(squares / count - mean ** 2 - 1 / 12) < 0.002, true, `variance ${squares / count - mean ** 2}`);
  for (const bin of bins) assertEquals(Math.abs(bin - count / 10) < 5 * Math.sqrt(count * 0.09), true, `bins ${bins}`);
  assertEquals(Math.abs(neighbours) < 5 * Math.sqrt(count) / 12, true, `neighbours ${neighbours}`);
});

onEachEngine("random uniform numbers come in any shape", async () => {
  for (const shape of [[], [1], [0], [2, 3, 4, 5]]) {
    const { shape: found, data } = await read(randomUniform(shape));
    assertEquals([found, data.length], [shape, shape.reduce((product, size) => product * size, 1)]);
  }
});
