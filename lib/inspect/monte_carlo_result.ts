import type { Picture } from "../data/types.ts";
import { Displayable, formatNumber, type Spec } from "../display/mod.ts";
import { imagesOrTable, uncertaintyChart } from "./monte_carlo_displays.ts";
import { accuracyOfKept, separation, type Uncertainty } from "./uncertainty.ts";

/** What the passes over one image say. */
export interface MonteCarloSample extends Uncertainty {
  /** Its position. */
  index: number;
  /** The class that is most likely by the mean of the passes. */
  predicted: string;
  /** The class that the plain network finds most likely, in evaluation. */
  plain: string;
  /** Its true class, where that is known, and whether the two answers are right. */
  actual?: string;
  right?: boolean;
  plainRight?: boolean;
}

/** How certain a network is of each image; displays as the least and the most certain ones and how far that is to be trusted. */
export class MonteCarlo extends Displayable {
  constructor(
    /** The dataset's name; undefined where there was none. */
    readonly data: string | undefined,
    /** The dotted names of the dropout layers that dropped. */
    readonly layers: readonly string[],
    /** How often each image was computed. */
    readonly passes: number,
    /** The classes' names, in the order of each sample's `mean` and `deviation`. */
    readonly classes: readonly string[],
    /** The images in their order. */
    readonly samples: readonly MonteCarloSample[],
    private readonly count: number,
    private readonly pictureOf?: (index: number) => Promise<Picture>,
  ) {
    super();
  }

  /** The share of the images that the mean of the passes gets right; undefined where what is right is not known. */
  get accuracy(): number | undefined {
    return share(this.samples.map(({ right }) => right));
  }

  /** The same for the plain network, in evaluation. */
  get plainAccuracy(): number | undefined {
    return share(this.samples.map(({ plainRight }) => plainRight));
  }

  /**
   * Of a right and a wrong answer, how often the wrong one has the higher entropy; 0.5 is chance. Undefined where what is
   * right is not known, or all are right, or all wrong.
   */
  get separation(): number | undefined {
    return separation(this.#judged());
  }

  /** What came out, in words. */
  get summary(): string {
    const { data, layers, passes, samples, accuracy, plainAccuracy } = this;
    const images = `${formatNumber(samples.length)} ${samples.length === 1 ? "image" : "images"}` +
      (data === undefined ? "" : ` of ${data}`);
    const start = `${passes} passes over ${images}, dropping at ${
      layers.map((path) => path || "the network").join(", ")
    }`;
    if (accuracy === undefined || plainAccuracy === undefined) return `${start}.`;
    const apart = this.separation;
    const half = accuracyOfKept(this.#judged()).find(({ share }) => share === 0.5)!;
    return `${start}: the mean of the passes is right on ${percent(accuracy)}, the plain network on ` +
      `${percent(plainAccuracy)}; on the more certain half ${percent(half.accuracy)}.` +
      (apart === undefined
        ? ""
        : ` Of a right and a wrong answer the wrong one is the less certain in ${percent(apart)}.`);
  }

  override async spec(): Promise<Spec> {
    const certainFirst = this.samples.toSorted((a, b) => a.entropy - b.entropy);
    const least = Math.min(this.count, Math.ceil(certainFirst.length / 2)); // none is shown twice
    const most = Math.min(this.count, certainFirst.length - least);
    const pictures = await Promise.all([
      imagesOrTable("Least certain", certainFirst.toReversed().slice(0, least), this.classes, this.pictureOf),
      imagesOrTable("Most certain", certainFirst.slice(0, most), this.classes, this.pictureOf),
    ]);
    return {
      kind: "stack",
      items: [
        { kind: "text", text: this.summary },
        ...pictures.slice(0, most ? 2 : 1),
        ...(this.samples.length > 1 ? [uncertaintyChart(this.samples, this.plainAccuracy)] : []),
      ],
    };
  }

  override toString(): string {
    return this.summary;
  }

  /** Everything as plain data. */
  toJSON(): Record<string, unknown> {
    const { data, layers, passes, classes, accuracy, plainAccuracy, separation, samples } = this;
    const plain = samples.map((sample) => ({
      ...sample,
      mean: [...sample.mean],
      deviation: [...sample.deviation],
    }));
    return { data, layers, passes, classes, accuracy, plainAccuracy, separation, samples: plain };
  }

  #judged() {
    return this.samples.flatMap(({ entropy, right }) => right === undefined ? [] : [{ uncertainty: entropy, right }]);
  }
}

function share(rights: readonly (boolean | undefined)[]): number | undefined {
  if (rights.length === 0 || rights.includes(undefined)) return undefined;
  return rights.filter((right) => right).length / rights.length;
}

function percent(value: number): string {
  return formatNumber(value, "percent");
}
