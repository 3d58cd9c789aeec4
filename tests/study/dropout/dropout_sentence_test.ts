import { assertEquals, assertStringIncludes } from "@std/assert";
import { dropoutSentence, placeSentence } from "../../../lib/study/dropout/dropout_sentence.ts";
import { row } from "./rows.ts";

Deno.test("a lead that is larger than the noise is told from one that is not, and the gap of the outermost rates", () => {
  const rows = [row(0, [0.6, 0.62]), row(0.5, [0.8, 0.82]), row(0.8, [0.79, 0.81])];
  assertEquals(
    dropoutSentence(rows, 400),
    "p=0.5: 81.0 % right on the validation pictures (mean of 2 seeds). It is ahead of p=0 (20.0 points) by more than " +
      "the noise over seeds allows (6.9 points). Its lead over p=0.8 (1.0 points) is within that. " +
      "The gap between training and validation is 39.0 points with p=0, 20.0 points with p=0.8.",
  );
});

Deno.test("each number of training pictures has a line of its own, compared with its like", () => {
  const rows = [
    row(0, [0.4, 0.42], { size: 100 }),
    row(0.5, [0.5, 0.52], { size: 100 }),
    row(0, [0.8, 0.82], { size: 1000 }),
    row(0.5, [0.7, 0.72], { size: 1000 }),
  ];
  const [few, many, ...others] = dropoutSentence(rows, 400).split("\n");
  assertEquals(others, []);
  assertStringIncludes(few, "With 100 training pictures, p=0.5: 51.0 % right");
  assertStringIncludes(few, "It is ahead of p=0 (10.0 points)");
  assertStringIncludes(many, "With 1,000 training pictures, p=0: 81.0 % right");
  assertStringIncludes(many, "is 19.0 points with p=0, 29.0 points with p=0.5.");
});

Deno.test("a single rate is compared with nothing; what was not trained to the end is not spoken of", () => {
  assertEquals(dropoutSentence([row(0.5, [0.8])], 400), "p=0.5: 80.0 % right on the validation pictures.");
  assertEquals(
    dropoutSentence([row(0, [], { size: 100 }), row(0.5, [0.5], { size: 200 })], 400),
    "With 200 training pictures, p=0.5: 50.0 % right on the validation pictures.",
  );
  assertEquals(dropoutSentence([row(0, [])], 400), "No rate has been trained to the end yet.");
});

Deno.test("what broke off is named, whether anything was trained to the end or not", () => {
  const broken = row(0.8, [], {
    broken: 2,
    runs: [0, 1].map((seed) => ({ seed, history: [], error: "the loss became NaN" })),
  });
  const text = "Broke off, since the loss was no number any more: p=0.8 (2 of 2 trainings).";
  assertEquals(dropoutSentence([broken], 400), `No rate has been trained to the end yet.\n${text}`);
  assertEquals(
    dropoutSentence([row(0.5, [0.8]), broken], 400),
    `p=0.5: 80.0 % right on the validation pictures.\n${text}`,
  );
});

Deno.test("where dropout is, why it is there, and what of it is frozen", () => {
  assertEquals(placeSentence({ layers: ["a.1", "b"], frozen: [] }), 'Dropout in "a.1", "b".');
  assertEquals(
    placeSentence({ layers: ["fc.0"], putBefore: "fc", frozen: [] }),
    'The network has no dropout of its own: it was put before its last nn.Linear, "fc".',
  );
  assertEquals(
    placeSentence({ layers: ["a", "b"], frozen: ["a", "b"] }),
    'Dropout in "a", "b". Frozen, and so off: all of it.',
  );
  assertEquals(
    placeSentence({ layers: ["a", "b", "c"], frozen: ["a", "b"] }),
    'Dropout in "a", "b", "c". Frozen, and so off: "a", "b".',
  );
});
