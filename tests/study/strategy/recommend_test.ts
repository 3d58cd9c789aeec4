import { assertEquals } from "@std/assert";
import { recommend } from "../../../lib/study/strategy/recommend.ts";

const cuts = (...accuracies: number[]) => accuracies.map((accuracy, i) => ({ stage: `s${i}`, accuracy }));
const lite = cuts(0.33, 0.5, 0.44, 0.58, 0.63, 0.72, 0.75, 0.8, 0.76, 0.79); // of emoji
const digits = cuts(0.23, 0.43, 0.5, 0.67, 0.76, 0.88, 0.95, 0.94, 0.92, 0.91);

Deno.test("small and similar: the head, unless the top is worse than what is below it", () => {
  const head = recommend({ size: "small", task: "similar" }, lite, 381);
  assertEquals(head, {
    until: "s9",
    learningRate: 1e-3,
    layerwiseRates: false,
    augment: true,
    advice: "train s9 alone and freeze what is below it",
    reason:
      "a linear probe is right for 33.0% below s0, 80.0% below s7 (the best) and 79.0% below s9; the last features " +
      "serve the task as they are, and a larger part would learn few images by heart",
  });
  const lower = recommend({ size: "small", task: "similar" }, digits, 300);
  assertEquals([lower.until, lower.learningRate, lower.layerwiseRates], ["s7", 1e-4, true]);
  assertEquals(lower.advice, "freeze what is below s7 and train from there");
  // the more images judge, the smaller a difference counts
  assertEquals(recommend({ size: "small", task: "similar" }, lite, 40_000).until, "s7");
});

Deno.test("small and different: the first stage that is as good as the best", () => {
  const found = recommend({ size: "small", task: "different" }, digits, 300);
  assertEquals([found.until, found.learningRate, found.layerwiseRates, found.augment], ["s6", 1e-4, true, true]);
  assertEquals(found.advice, "freeze what is below s6 and train from there, or put a small head on its input");
  assertEquals(
    found.reason,
    "a linear probe is right for 23.0% below s0, 95.0% below s6 (the best) and 91.0% below s9; s6 is the first stage whose " +
      "input is as good as the best one, and what is above has learnt another task",
  );
});

Deno.test("large: two thirds of the way from the first stage to the best one, or one third", () => {
  const similar = recommend({ size: "large", task: "similar" }, lite, 381);
  assertEquals([similar.until, similar.learningRate, similar.layerwiseRates, similar.augment], [
    "s5",
    1e-4,
    true,
    false,
  ]);
  const different = recommend({ size: "large", task: "different" }, digits, 300);
  assertEquals([different.until, different.learningRate], ["s2", 1e-3]);
  assertEquals(different.advice, "freeze what is below s2 and fine-tune from there");
});

Deno.test("large: everything where no stage's features are better than the input", () => {
  const found = recommend({ size: "large", task: "different" }, cuts(0.5, 0.4, 0.51), 100);
  assertEquals([found.until, found.advice], ["s0", "fine-tune everything from s0 on"]);
});

Deno.test("a network of one stage has one cut", () => {
  for (const size of ["small", "large"] as const) {
    for (const task of ["similar", "different"] as const) {
      assertEquals(recommend({ size, task }, cuts(0.7), 100).until, "s0");
    }
  }
});
