import { assertEquals, assertLess } from "@std/assert";
import { manualSeed, RandomGenerator } from "../../lib/engine/random.ts";
import { noLeaks, release } from "../tensors.ts";
import { type Module, nn } from "./nn.ts";

interface Moments {
  mean: number;
  deviation: number;
  least: number;
  most: number;
}

function moments(values: ArrayLike<number>): Moments {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const deviation = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
  const [least, most] = list.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return { mean, deviation, least, most };
}

/** Within five standard errors of a uniform distribution over ± bound, and reaching towards its ends. */
function assertUniform(values: ArrayLike<number>, bound: number): void {
  const found = moments(values);
  const deviation = bound / Math.sqrt(3);
  const text = JSON.stringify({ ...found, bound });
  assertLess(Math.abs(found.mean), 5 * deviation / Math.sqrt(values.length), text);
  assertLess(Math.abs(found.deviation / deviation - 1), 5 / Math.sqrt(values.length), text);
  assertEquals([found.most <= bound, found.least >= -bound, found.most > 0.98 * bound], [true, true, true], text);
}

function assertNormal(values: ArrayLike<number>, mean: number, deviation: number): void {
  const found = moments(values);
  const text = JSON.stringify({ ...found, expected: deviation });
  assertLess(Math.abs(found.mean - mean), 5 * deviation / Math.sqrt(values.length), text);
  assertLess(Math.abs(found.deviation / deviation - 1), 5 / Math.sqrt(2 * values.length), text);
  assertEquals([found.most > mean + 3 * deviation, found.least < mean - 3 * deviation], [true, true], text);
}

const shape = [64, 32, 3, 3];

Deno.test("initializers follow torch's formulas", () => {
  const draw = (init: nn.init.Initializer, of = shape) => init(of, new RandomGenerator(1));
  assertEquals([nn.init.fanIn(shape), nn.init.fanOut(shape), nn.init.fanIn([9, 5]), nn.init.fanOut([9, 5])], [
    288,
    576,
    5,
    9,
  ]);
  assertEquals([...draw(nn.init.constant(3), [2, 2])], [3, 3, 3, 3]);
  assertUniform(draw(nn.init.uniform(-0.5, 0.5)), 0.5);
  assertUniform(draw(nn.init.uniform(2, 4)).map((value) => value - 3), 1);
  assertUniform(draw(nn.init.kaimingUniform()), Math.sqrt(6 / 288));
  assertUniform(draw(nn.init.kaimingUniform(Math.sqrt(5))), 1 / Math.sqrt(288));
  assertNormal(draw(nn.init.normal()), 0, 1);
  assertNormal(draw(nn.init.normal(3, 0.01)), 3, 0.01);
  assertNormal(draw(nn.init.kaimingNormal()), 0, Math.sqrt(2 / 288));
  assertNormal(draw(nn.init.kaimingNormal("fan_out")), 0, Math.sqrt(2 / 576));
  assertEquals([draw(nn.init.normal(), [3]).length, draw(nn.init.normal(), []).length], [3, 1]);
});

noLeaks("layers start as torch's do", async () => {
  manualSeed(5);
  const values = async (module: Module, name: string) =>
    await new Map(module.namedParameters()).get(name)!.value.data() as Float32Array;
  const conv = new nn.Conv2d(64, 128, 3, { groups: 2 });
  assertUniform(await values(conv, "weight"), 1 / Math.sqrt(32 * 9));
  const wide = new nn.Conv2d(16, 4096, 2);
  assertUniform(await values(wide, "bias"), 1 / Math.sqrt(64));
  const linear = new nn.Linear(100, 2000);
  assertUniform(await values(linear, "weight"), 0.1);
  assertUniform(await values(linear, "bias"), 0.1);
  const norm = new nn.BatchNorm2d(3);
  const state = norm.stateDict();
  const start = await Promise.all([...state.values()].map(async (entry) => Array.from(await entry.data(), Number)));
  assertEquals(start, [[1, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1], [0]]);
  release(conv, wide, linear, norm, state);
});
