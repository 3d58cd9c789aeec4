import { Displayable, type Spec } from "../display/mod.ts";
import type { LabelledDataset } from "./dataset.ts";
import { splitSpec } from "./sheet.ts";
import { stratify } from "./stratify.ts";
import type { Split, SplitOptions } from "./types.ts";

/** A dataset divided for training; a notebook shows how many samples of each class the parts have. */
export class LabelledSplit extends Displayable implements Split {
  /** The classes' names. */
  readonly classes: readonly string[];

  /** A split of the dataset with this name. */
  constructor(
    readonly name: string,
    readonly train: LabelledDataset,
    readonly validation: LabelledDataset,
    readonly test?: LabelledDataset,
  ) {
    super();
    this.classes = train.classes;
  }

  /** How many samples of each class the parts have. */
  spec(): Spec {
    return splitSpec(this);
  }
}

/** Divides a dataset: see {@linkcode LabelledDataset.split}. */
export function divide(dataset: LabelledDataset, { validation = 0.2, test, seed = 0 }: SplitOptions): LabelledSplit {
  const fail = (expected: string, found: string): never => {
    throw new RangeError(`Cannot split ${dataset.name}: expected ${expected}, found ${found}`);
  };
  const shares = { validation, ...(test === undefined ? {} : { test }) };
  for (const [name, share] of Object.entries(shares)) {
    if (!(share > 0 && share < 1)) fail(`${name} to be a share between 0 and 1`, String(share));
  }
  if (validation + (test ?? 0) >= 1) {
    fail("validation and test to leave something to train with", `${validation} + ${test}`);
  }
  if (!Number.isInteger(seed)) fail("seed to be a whole number", String(seed));

  const { labels, classes } = dataset;
  // test samples come first, so that they stay the same when only the validation share changes
  const parts = stratify(labels, classes.length, test === undefined ? [validation] : [test, validation], seed);
  const empty = parts.findIndex((part) => part.length === 0);
  if (empty >= 0) {
    const name = ["train", "validation", "test"][parts.length - 1 - empty];
    fail(
      "enough samples for every part",
      `${labels.length} in ${classes.length} classes, none of which is left for ${name}`,
    );
  }
  const [train, held, tested] = parts.reverse().map((part) => dataset.subset(part));
  train.name = `${dataset.name} (train)`;
  held.name = `${dataset.name} (validation)`;
  if (tested) tested.name = `${dataset.name} (test)`;
  return new LabelledSplit(dataset.name, train, held, tested);
}
