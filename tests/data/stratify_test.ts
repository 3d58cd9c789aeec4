import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { allocate, sample, stratify } from "../../lib/data/stratify.ts";
import { test } from "./support.ts";

const labelsOf = (counts: number[]) => Int32Array.from(counts.flatMap((count, c) => Array(count).fill(c)));
const countsOf = (labels: Int32Array, positions: Int32Array, classes: number) =>
  Array.from({ length: classes }, (_, c) => positions.filter((i) => labels[i] === c).length);

test("shares are rounded by largest remainder", () => {
  assertEquals(allocate([10, 10, 10], 0.25, [9, 9, 9]), [3, 3, 2]); // 2.5 each, 7.5 in all
  assertEquals(allocate([7, 8, 9], 0.2, [6, 7, 8]), [1, 2, 2]); // 1.4, 1.6, 1.8: 4.8 in all
  assertEquals(allocate([1, 1, 10], 0.5, [0, 0, 9]), [0, 0, 5]); // single samples are not taken, nor others for them
  assertEquals(allocate([], 0.5, []), []);
});

test("parts are disjoint, cover everything and keep the classes' shares", () => {
  for (const counts of [[85, 159, 270, 131], [2, 3, 50], [1, 1, 9], [5, 0, 5], [1000]]) {
    const labels = labelsOf(counts);
    for (const seed of [0, 1, 99]) {
      const parts = stratify(labels, counts.length, [0.15, 0.25], seed);
      assertEquals([...parts.flatMap((part) => [...part])].sort((a, b) => a - b), [...labels.keys()]);
      for (const part of parts) assertEquals([...part], [...part].sort((a, b) => a - b));
      parts.slice(0, 2).forEach((part, p) => {
        const share = [0.15, 0.25][p];
        countsOf(labels, part, counts.length).forEach((taken, c) => {
          assert(Math.abs(taken - share * counts[c]) <= 1.5, `${taken} of ${counts[c]} for a share of ${share}`);
        });
      });
      countsOf(labels, parts[2], counts.length).forEach((kept, c) => assert(kept >= Math.min(1, counts[c])));
    }
  }
});

test("every class of two keeps one to train with, however large the share", () => {
  const labels = labelsOf([2, 2, 2, 30]);
  const [held, train] = stratify(labels, 4, [0.9], 5);
  assertEquals(countsOf(labels, train, 4).slice(0, 3), [1, 1, 1]);
  assertEquals(countsOf(labels, held, 4), [1, 1, 1, 27]);
});

test("the seed decides, and a first part does not depend on the second", () => {
  const labels = labelsOf([40, 60]);
  assertEquals(stratify(labels, 2, [0.2], 7), stratify(labels, 2, [0.2], 7));
  assertNotEquals(stratify(labels, 2, [0.2], 7)[0], stratify(labels, 2, [0.2], 8)[0]);
  assertEquals(stratify(labels, 2, [0.2, 0.1], 7)[0], stratify(labels, 2, [0.2, 0.5], 7)[0]);
});

test("a sample has the size asked for and something of every class", () => {
  const counts = [85, 159, 270, 3, 1];
  const labels = labelsOf(counts);
  for (const size of [5, 6, 50, 517, 518]) {
    const taken = sample(labels, 5, size, 0);
    assertEquals(taken.length, size);
    assertEquals(new Set(taken).size, size);
    countsOf(labels, taken, 5).forEach((count, c) => assert(count >= 1 && count <= counts[c]));
  }
});
