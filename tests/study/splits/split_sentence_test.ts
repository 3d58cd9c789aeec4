import { assertEquals, assertStringIncludes } from "@std/assert";
import { measured } from "../../../lib/study/trials/noise.ts";
import { bestRow, splitSentence } from "../../../lib/study/splits/split_sentence.ts";
import { row } from "./rows.ts";

Deno.test("best: the highest mean of those trained to the end; of equal ones the one that trains least", () => {
  const rows = [
    row("conv1", [0.7, 0.9], { trainable: 900 }),
    row("layer1", [0.8], { trainable: 700 }),
    row("fc", [0.8], { trainable: 10 }),
    row("layer2", [0.95], { complete: false }), // was ahead when it was left out
    row("layer3", [], { error: "the loss became NaN" }),
  ];
  assertEquals(bestRow(rows)?.until, "fc");
  assertEquals(bestRow([...rows, row("layer4", [0.81])])?.until, "layer4");
  assertEquals(bestRow(rows.filter(({ complete }) => !complete))?.until, "layer2"); // where none is complete
  assertEquals([bestRow([]), bestRow([rows[4]])], [undefined, undefined]);
});

Deno.test("sentence: one seed, and a lead that is beyond chance on so many pictures", () => {
  const rows = [row("layer3", [0.6]), row("layer4", [0.8]), row("fc", [0.78])];
  // 0.8 ± √(0.16 / 400) = 2 points for one training, 2.8 for the difference of two, and 2.394 times that for three pairs
  assertEquals(
    splitSentence(rows, 400),
    "Train from layer4 on: 80.0 % right on the validation pictures. It is ahead of layer3 (20.0 points) by more than " +
      "chance on 400 pictures allows (6.8 points; one seed, more would measure the noise). Its lead over fc (2.0 points) " +
      "is within that.",
  );
});

Deno.test("sentence: several seeds, measured against their own noise", () => {
  const rows = [row("layer3", [0.60, 0.62]), row("layer4", [0.80, 0.82]), row("fc", [0.78, 0.84])];
  // pooled: √((0.0002 + 0.0002 + 0.0018) / 3) = 2.7 points, and as much for the difference of two means of two; Student's t
  // with 3 degrees of freedom is 4.857 for a risk of 5 % in three pairs
  assertEquals(
    splitSentence(rows, 400),
    "Train from layer4 on: 81.0 % right on the validation pictures (mean of 2 seeds). It is ahead of layer3 (20.0 points) " +
      "by more than the noise over seeds allows (13.2 points). Its lead over fc (0.0 points) is within that.",
  );
});

Deno.test("sentence: both neighbours beyond the noise, or both within", () => {
  const far = splitSentence([row("a", [0.3]), row("b", [0.9]), row("c", [0.4])], 100);
  assertStringIncludes(
    far,
    "It is ahead of a (60.0 points) and c (50.0 points) by more than chance on 100 pictures allows (10.2 points",
  );
  assertEquals(far.includes("within"), false);
  const near = splitSentence([row("a", [0.79]), row("b", [0.8]), row("c", [0.78])], 100);
  assertEquals(
    near,
    "Train from b on: 80.0 % right on the validation pictures. Its lead over a (1.0 points) and c (2.0 points) is within " +
      "what chance on 100 pictures allows (13.5 points; one seed, more would measure the noise).",
  );
});

Deno.test("sentence: a lead counts as one where chance would give it in one of twenty cases at most", () => {
  const lead = (points: number) => splitSentence([row("a", [0.5]), row("b", [0.5 - points / 100])], 10_000);
  // 0.5 points for one training, 0.707 for the difference: 1.960 times that are 1.386
  assertStringIncludes(lead(1.3), "is within what chance");
  assertStringIncludes(lead(1.4), "by more than chance");
});

Deno.test("sentence: neighbours are those that were trained to the end, of the same start", () => {
  const rows = [
    row("a", [0.5]),
    row("b", [0.79], { complete: false }),
    row("c", [0.8]),
    row("c", [0.79], { start: "AnB", label: "c (AnB)" }),
  ];
  const text = splitSentence(rows, 100);
  assertStringIncludes(text, "Train from c on");
  assertStringIncludes(text, "ahead of a (30.0 points)");
  assertEquals([text.includes("b ("), text.includes("AnB")], [false, false]);
  const random = [
    row("a", [0.5], { start: "AnB", label: "a (AnB)" }),
    { ...rows[3], accuracy: measured([0.9]) },
    rows[0],
  ];
  assertStringIncludes(splitSentence(random, 100), "Train from c (AnB) on: 90.0 % right");
  assertStringIncludes(splitSentence(random, 100), "ahead of a (AnB) (40.0 points)");
});

Deno.test("sentence: a single split, none that is complete, and none at all", () => {
  assertEquals(splitSentence([row("fc", [0.5])], 100), "Train from fc on: 50.0 % right on the validation pictures.");
  assertEquals(
    splitSentence(
      [row("a", [0.4], { complete: false, epochs: 1 }), row("b", [0.5], { complete: false, epochs: 2 })],
      100,
    ),
    "Train from b on: 50.0 % right on the validation pictures after 2 epochs, none having been trained to the end.",
  );
  assertEquals(splitSentence([], 100), "No split has been trained yet");
});

Deno.test("sentence: equal to the last digit, with no noise at all, nothing is ahead", () => {
  const text = splitSentence([row("a", [1]), row("b", [1], { trainable: 5 })], 100);
  assertEquals(
    text,
    "Train from b on: 100.0 % right on the validation pictures. Its lead over a (0.0 points) is within what chance on " +
      "100 pictures allows (0.0 points; one seed, more would measure the noise).",
  );
});
