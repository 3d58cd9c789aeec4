import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { LabelledDataset } from "../../lib/data/dataset.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { test } from "./support.ts";

/** Images that nobody opens, named by their position. */
function withNumbers(labels: number[], use: (dataset: LabelledDataset) => void): void {
  const samples = pictureSamples(labels.map((_, i) => `${i}.png`));
  use(new LabelledDataset(samples, { name: "numbers", classes: ["a", "b"], labels }));
}

const sources = (dataset: LabelledDataset) => Array.from(dataset.labels, (_, i) => dataset.source(i));

test("a split has the dataset's name and classes, and its parts theirs", () => {
  withNumbers([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], (dataset) => {
    const split = dataset.split({ validation: 0.2, test: 0.4, seed: 1 });
    assertEquals([split.name, ...split.classes], ["numbers", "a", "b"]);
    assertEquals(split.train.name, "numbers (train)");
    assertEquals(split.validation.name, "numbers (validation)");
    assertEquals(split.test?.name, "numbers (test)");
    assertEquals([split.train, split.validation, split.test!].map(({ counts }) => [...counts]), [[2, 2], [1, 1], [
      2,
      2,
    ]]);
    const plain = dataset.split();
    assertEquals([plain.train.length, plain.validation.length, plain.test], [8, 2, undefined]);
    assertEquals(sources(plain.validation), sources(dataset.split({ validation: 0.2, seed: 0 }).validation));
  });
});

test("the test part stays the same when the validation share changes", () => {
  withNumbers(Array.from({ length: 60 }, (_, i) => i % 2), (dataset) => {
    const one = dataset.split({ test: 0.3, validation: 0.1, seed: 4 });
    const two = dataset.split({ test: 0.3, validation: 0.5, seed: 4 });
    assertEquals(sources(one.test!), sources(two.test!));
    assertNotEquals(sources(one.validation), sources(two.validation));
    const all = [one.train, one.validation, one.test!].flatMap(sources);
    assertEquals(new Set(all).size, 60);
  });
});

test("shares that cannot be are refused", () => {
  withNumbers([0, 0, 0, 1, 1, 1], (dataset) => {
    const refuses = (options: Record<string, unknown>, message: string) =>
      assertThrows(() => dataset.split(options), RangeError, `Cannot split numbers: expected ${message}`);
    refuses({ validation: 0 }, "validation to be a share between 0 and 1, found 0");
    refuses({ validation: 20 }, "validation to be a share between 0 and 1, found 20");
    refuses({ validation: NaN }, "validation to be a share between 0 and 1, found NaN");
    refuses({ test: 1 }, "test to be a share between 0 and 1, found 1");
    refuses({ validation: 0.5, test: 0.5 }, "validation and test to leave something to train with, found 0.5 + 0.5");
    refuses({ seed: 0.5 }, "seed to be a whole number, found 0.5");
    refuses(
      { validation: 0.05 },
      "enough samples for every part, found 6 in 2 classes, none of which is left for validation",
    );
    refuses(
      { validation: 0.4, test: 0.05 },
      "enough samples for every part, found 6 in 2 classes, none of which is left for test",
    );
  });
});

test("a split displays as the counts of its parts", () => {
  withNumbers([0, 0, 0, 0, 0, 0, 1, 1, 1, 1], (dataset) => {
    const text = String(dataset.split({ validation: 0.5 }));
    assertEquals(text.split("\n")[0], "numbers: 5 + 5 samples");
    assertEquals(/^a .* 3 .* 3$/m.test(text), true);
    assertEquals(/^b .* 2 .* 2$/m.test(text), true);
  });
});
