import { Displayable, type Spec } from "../display/mod.ts";
import { decodeImage, encodePng } from "../data/image.ts";
import type { ImageSource } from "../data/types.ts";

/** One of the classes that a network finds likely. */
export interface RankedClass {
  /** The output's number. */
  index: number;
  /** Its name, or `class 3` where none is known. */
  label: string;
  /** From 0 to 1, by softmax. */
  probability: number;
}

/** What a network says about one picture. */
export class Prediction {
  /**
   * @param top the most likely classes, best first
   * @param image the picture, where there was one
   */
  constructor(readonly top: readonly RankedClass[], readonly image?: ImageSource) {}

  /** The most likely class's name. */
  get label(): string {
    return this.top[0].label;
  }

  /** The most likely class's probability, from 0 to 1. */
  get probability(): number {
    return this.top[0].probability;
  }
}

/** Predictions for several pictures; displays as a grid. */
export class Predictions extends Displayable implements Iterable<Prediction> {
  constructor(readonly items: readonly Prediction[]) {
    super();
  }

  /** The number of pictures. */
  get length(): number {
    return this.items.length;
  }

  /** The prediction at this position, from the end where it is negative. */
  at(index: number): Prediction {
    const item = this.items.at(index);
    if (!item) throw new RangeError(`Cannot get prediction ${index}: expected one of ${this.length}`);
    return item;
  }

  [Symbol.iterator](): Iterator<Prediction> {
    return this.items[Symbol.iterator]();
  }

  override toString(): string {
    return this.items.map(({ top }) =>
      top.map(({ label, probability }) => `${label} ${percent(probability)}`).join(", ")
    )
      .join("\n");
  }

  override async spec(): Promise<Spec> {
    if (this.items.every(({ image }) => image === undefined)) {
      return { kind: "text", text: this.toString(), code: true };
    }
    const items = await Promise.all(this.items.map(async ({ top, image }) => ({
      png: await encodePng(await decodeImage(image!), 96),
      caption: top[0].label,
      bars: top.map(({ label, probability }) => ({ label, value: probability })),
    })));
    return { kind: "images", items, size: 96 };
  }
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
