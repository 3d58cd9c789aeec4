import { assertAlmostEquals, assertEquals } from "@std/assert";
import { accuracyOfKept, separation, uncertaintyOf } from "../../lib/inspect/uncertainty.ts";

const close = (found: ArrayLike<number>, expected: readonly number[]) => {
  assertEquals(found.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-6));
};

Deno.test("uncertainty: passes that are sure and disagree know nothing together, and all of it is disagreement", () => {
  const { mean, deviation, entropy, mutualInformation } = uncertaintyOf([[1, 0], [0, 1]]);
  close(mean, [0.5, 0.5]);
  close(deviation, [Math.SQRT1_2, Math.SQRT1_2]);
  assertAlmostEquals(entropy, Math.LN2, 1e-12);
  assertAlmostEquals(mutualInformation, Math.LN2, 1e-12);
});

Deno.test("uncertainty: passes that agree on not knowing have the same entropy and no disagreement", () => {
  const { deviation, entropy, mutualInformation } = uncertaintyOf([[0.25, 0.75], [0.25, 0.75], [0.25, 0.75]]);
  close(deviation, [0, 0]);
  assertAlmostEquals(entropy, -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), 1e-12);
  assertEquals(mutualInformation, 0);
});

Deno.test("uncertainty: in between, both parts", () => {
  const { mean, deviation, entropy, mutualInformation } = uncertaintyOf([[0.9, 0.1], [0.5, 0.5], [0.7, 0.3]]);
  close(mean, [0.7, 0.3]);
  close(deviation, [0.2, 0.2]);
  const h = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
  assertAlmostEquals(entropy, h(0.7), 1e-12);
  assertAlmostEquals(mutualInformation, h(0.7) - (h(0.9) + h(0.5) + h(0.7)) / 3, 1e-12);
});

Deno.test("uncertainty: accuracy of what is kept, and how well right and wrong are apart", () => {
  const answers = Array.from({ length: 20 }, (_, i) => ({ uncertainty: 20 - i, right: i >= 10 })); // certain ones last
  const kept = accuracyOfKept(answers);
  assertEquals(kept.length, 20);
  close(kept.map(({ share }) => share), Array.from({ length: 20 }, (_, i) => (i + 1) / 20));
  close(kept.filter((_, i) => i < 10).map(({ accuracy }) => accuracy), new Array(10).fill(1));
  assertAlmostEquals(kept[19].accuracy, 0.5);
  assertEquals(separation(answers), 1);
  assertEquals(separation(answers.map((one) => ({ ...one, right: !one.right }))), 0);
  assertEquals(separation(answers.map((one) => ({ ...one, uncertainty: 1 }))), 0.5);
  assertEquals(separation([{ uncertainty: 1, right: true }]), undefined);
});
