import { encodePng } from "../data/image.ts";
import { Displayable, formatNumber, type ImagesSpec } from "../display/mod.ts";
import type { Plane } from "./heat.ts";
import { mosaic } from "./mosaic.ts";

/** What one pass made of the units. */
export interface DroppedPass {
  /** For each unit 1 where it was dropped, else 0. */
  dropped: Uint8Array;
  /** The share of the units that were dropped. */
  share: number;
  /** The mean of what the layer gave. */
  mean: number;
}

/** The units that dropout drops for one picture; displays as the activations, and the same with the dropped ones marked. */
export class DroppedUnits extends Displayable {
  constructor(
    /** The layer's dotted name, its class and its rate. */
    readonly layer: string,
    readonly type: string,
    readonly p: number,
    /** The shape of what enters the layer: `[1, C]`, or `[1, H, W, C]`. */
    readonly shape: readonly number[],
    /** What enters, one number a unit, channels last. */
    readonly activations: Float32Array,
    /** The passes. */
    readonly passes: readonly DroppedPass[],
    private readonly most: number,
  ) {
    super();
  }

  /** The mean of what enters the layer; dropout keeps it, on average over passes. */
  get mean(): number {
    return meanOf(this.activations);
  }

  /** What happened, in words. */
  get summary(): string {
    const { layer, type, p, activations, passes } = this;
    const list = (write: (pass: DroppedPass) => string) => passes.map(write).join(", ");
    const dropped = list(({ share }) => formatNumber(Math.round(share * activations.length)));
    return `${formatNumber(activations.length)} units enter ${layer || "the network"} (${type}, p ${p}); dropped: ` +
      `${dropped}. ${this.#others}, and the mean of ${formatNumber(this.mean)} becomes ${
        list(({ mean }) => formatNumber(mean))
      }`;
  }

  override async spec(): Promise<ImagesSpec> {
    const channels = this.#channels();
    const planes = stretchedTogether(channels.map((channel) => this.#plane(channel, this.activations)));
    const picture = async (marks?: Uint8Array) => {
      const cells = marks && channels.map((channel) => Uint8Array.from(this.#plane(channel, marks).values));
      return await encodePng(mosaic(planes, cells));
    };
    const passes = await Promise.all(this.passes.map(async ({ dropped, share, mean }, i) => ({
      png: await picture(dropped),
      caption: `pass ${i + 1}: ${formatNumber(share, "percent")} dropped`,
      title: `pass ${i + 1}: ${formatNumber(share, "percent")} of the units dropped, mean ${formatNumber(mean)} after`,
    })));
    const all = this.shape[this.shape.length - 1];
    const shown = this.#isMaps
      ? `the ${channels.length} of ${formatNumber(all)} channels with the largest mean`
      : "a cell for each unit, in their order";
    return {
      kind: "images",
      title: `What dropout drops at ${this.layer || "the network"}`,
      items: [
        { png: await picture(), caption: "activations", title: `what enters: mean ${formatNumber(this.mean)}` },
        ...passes,
      ],
      size: 216,
      caption: `${shown}; the lighter, the stronger; orange is dropped. ${this.summary}`,
    };
  }

  override toString(): string {
    return this.summary;
  }

  /** What becomes of the units that stay. */
  get #others(): string {
    return this.type === "AlphaDropout"
      ? "All are moved and scaled"
      : `The others are scaled by ${formatNumber(1 / (1 - this.p))}`;
  }

  get #isMaps(): boolean {
    return this.shape.length === 4 && this.shape[1] * this.shape[2] > 1;
  }

  /** Which channels are shown: of maps the strongest, of a vector all. */
  #channels(): number[] {
    const count = this.#isMaps ? this.shape[3] : this.activations.length;
    const all = Array.from({ length: count }, (_, channel) => channel);
    if (!this.#isMaps) return all;
    const means = all.map((channel) => meanOf(this.#plane(channel, this.activations).values));
    return all.toSorted((a, b) => means[b] - means[a]).slice(0, this.most);
  }

  #plane(channel: number, values: ArrayLike<number>): Plane {
    const [height, width, channels] = this.#isMaps ? this.shape.slice(1) : [1, 1, this.activations.length];
    return {
      width,
      height,
      values: Float32Array.from({ length: height * width }, (_, i) => values[i * channels + channel]),
    };
  }
}

/**
 * Planes moved and stretched together to lie from 0 to 1. Most units are weak and few are strong: the strongest 1 % count as
 * equal, and roots are taken, or all but those would be black.
 */
function stretchedTogether(planes: readonly Plane[]): Plane[] {
  const sorted = Float32Array.from(planes.flatMap(({ values }) => [...values])).sort();
  const [low, high] = [sorted[0], sorted[Math.floor(0.99 * (sorted.length - 1))]];
  const scale = (value: number) => high > low ? Math.sqrt(Math.min(1, (value - low) / (high - low))) : 0;
  return planes.map((plane) => ({ ...plane, values: plane.values.map(scale) }));
}

/** The mean of numbers. */
export function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
