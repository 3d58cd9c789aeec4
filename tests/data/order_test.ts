import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { permutation, sampleGenerator } from "../../lib/data/order.ts";
import { test } from "./support.ts";

test("a permutation has every number once, the same for the same seed and epoch", () => {
  const order = permutation(100, 3, 1);
  assertEquals([...order].sort((a, b) => a - b), [...Array(100).keys()]);
  assertEquals(permutation(100, 3, 1), order);
  for (const other of [permutation(100, 3, 2), permutation(100, 4, 1), permutation(100, 1, 3), permutation(100, 3)]) {
    assertNotEquals(other, order);
  }
  assertEquals([...permutation(1, 0)], [0]);
  assertEquals([...permutation(0, 0)], []);
});

test("every order of four is about as frequent", () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 2400; seed++) {
    const order = permutation(4, seed).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assertEquals(seen.size, 24);
  for (const [order, count] of seen) {
    assert(count > 50 && count < 150, `${order}: ${count} of 2400, expected about 100`);
  }
});

test("neighbouring samples, seeds and epochs draw different numbers", () => {
  const first = (...parts: [number, number, number]) => sampleGenerator(...parts).uniform();
  const all = new Set<number>();
  let heads = 0;
  for (let seed = 0; seed < 10; seed++) {
    for (let epoch = 0; epoch < 10; epoch++) {
      for (let index = 0; index < 20; index++) {
        all.add(first(seed, epoch, index));
        if (first(seed, epoch, index) < 0.5) heads++;
      }
    }
  }
  assert(all.size > 1990, `${all.size} different numbers`);
  assert(heads > 900 && heads < 1100, `${heads} of 2000 below one half`);
});
