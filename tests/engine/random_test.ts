import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { manualSeed, random, RandomGenerator, withSeed } from "../../lib/engine/random.ts";

Deno.test("the generator is xoshiro128**", () => {
  const generator = new RandomGenerator(0);
  generator.restore([1, 2, 3, 4]);
  // The first numbers of the authors' reference program (prng.di.unimi.it/xoshiro128starstar.c) from this state.
  const expected = [
    11520,
    0,
    5927040,
    70819200,
    2031721883,
    1637235492,
    1287239034,
    3734860849,
    3729100597,
    4258142804,
  ];
  assertEquals(expected.map(() => generator.bits()), expected);
});

Deno.test("a seed gives its sequence, another seed another, and neighbours differ everywhere", () => {
  const draw = (seed: number) => {
    const generator = new RandomGenerator(seed);
    return Array.from({ length: 8 }, () => generator.bits());
  };
  assertEquals(draw(5), draw(5));
  assertEquals(draw(5), draw(5 + 2 ** 32), "the lower 32 bits count");
  assertEquals(draw(42).slice(0, 3), [660444221, 3652823732, 77672526], "seeds mean the same in every version");
  draw(5).forEach((value, i) => assertNotEquals(value, draw(6)[i]));
  assertNotEquals(draw(0), draw(0).fill(0));
});

Deno.test("what was saved goes on where it was", () => {
  const generator = new RandomGenerator(3);
  generator.bits();
  const state = generator.save();
  const rest = [generator.uniform(), generator.normal()];
  generator.restore(JSON.parse(JSON.stringify(state)));
  assertEquals([generator.uniform(), generator.normal()], rest);
});

Deno.test("uniform and normal numbers have their mean and deviation", () => {
  const generator = new RandomGenerator(11);
  const count = 100_000;
  const moments = (draw: () => number) => {
    let sum = 0, squares = 0, least = Infinity, most = -Infinity;
    for (let i = 0; i < count; i++) {
      const value = draw();
      sum += value;
      squares += value * value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    const mean = sum / count;
    return { mean, deviation: Math.sqrt(squares / count - mean * mean), least, most };
  };
  const uniform = moments(() => generator.uniform());
  assertEquals([uniform.least >= 0, uniform.most < 1], [true, true]);
  assertEquals(Math.abs(uniform.mean - 0.5) < 0.005, true, JSON.stringify(uniform));
  assertEquals(Math.abs(uniform.deviation - Math.sqrt(1 / 12)) < 0.002, true, JSON.stringify(uniform));
  const normal = moments(() => generator.normal());
  assertEquals(Math.abs(normal.mean) < 0.016, true, JSON.stringify(normal));
  assertEquals(Math.abs(normal.deviation - 1) < 0.012, true, JSON.stringify(normal));
  assertEquals([normal.most > 3.5, normal.least < -3.5, Number.isFinite(normal.most)], [true, true, true]);
});

Deno.test("manualSeed seeds what everything draws from, and takes integers only", () => {
  manualSeed(42);
  const first = [random.bits(), random.bits()];
  manualSeed(42);
  assertEquals([random.bits(), random.bits()], first);
  manualSeed(-1);
  assertThrows(() => manualSeed(1.5), TypeError, "Cannot seed: expected an integer, found 1.5");
  assertThrows(() => manualSeed(NaN), TypeError, "Cannot seed: expected an integer, found NaN");
});

Deno.test("withSeed draws from its seed and lets the others go on, whatever becomes of it", async () => {
  manualSeed(5);
  random.bits();
  const before = random.save();
  const expected = new RandomGenerator(8).bits();
  assertEquals(withSeed(8, () => random.bits()), expected);
  assertEquals(random.save(), before);
  const later = withSeed(8, async () => {
    await Promise.resolve();
    return random.bits();
  });
  assertEquals(await later, expected);
  assertEquals(random.save(), before);
  assertThrows(
    () =>
      withSeed(8, () => {
        random.bits();
        throw new Error("broke off");
      }),
    Error,
    "broke off",
  );
  assertEquals(random.save(), before);
  assertThrows(() => withSeed(0.5, () => {}), TypeError, "Cannot seed: expected an integer, found 0.5");
  assertEquals(random.save(), before);
});
