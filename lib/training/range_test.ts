import { type ChartSpec, Displayable, type Mark } from "../display/mod.ts";
import { judged, lowest, type RangeTestData, rateText, smooth } from "./range_curve.ts";
import { steep, valley } from "./rate_suggestion.ts";

/** A learning rate range test (Smith 2015): the loss while the rate grows. Displays as that curve with what it suggests. */
export class RangeTest extends Displayable {
  /** The rate of each step. */
  readonly rates: readonly number[];
  /** The loss of each step's batch before the step: what the rates of the steps before it came to. */
  readonly losses: readonly number[];
  /** The losses smoothed: what the suggestions are made from. */
  readonly smoothed: readonly number[];
  /** The rate in the middle of the longest fall of the loss. */
  readonly valley: number;
  /** The rate at which the loss falls most steeply. */
  readonly steep: number;
  /** How it ended. */
  readonly state: RangeTestData["state"];
  readonly #data: RangeTestData;

  /** @param data with something to suggest: {@linkcode expectFall} looks whether there is */
  constructor(data: RangeTestData) {
    super();
    this.#data = data;
    this.rates = data.rates;
    this.losses = data.losses;
    this.state = data.state;
    this.smoothed = smooth(data.losses);
    const [from, to] = judged(data);
    const [rates, smoothed] = [this.rates.slice(from, to), this.smoothed.slice(from, to)];
    this.valley = rates[valley(smoothed)];
    this.steep = rates[steep(rates, smoothed)];
  }

  /** The rate to train with. */
  get suggestion(): number {
    return this[this.#data.suggest];
  }

  /** One sentence: what is suggested, and how the test ended. */
  get summary(): string {
    return `${this.#title}: ${this.#reason}`;
  }

  get #title(): string {
    return `Learning rate ${rateText(this.suggestion)} for ${this.#data.model} on ${this.#data.dataset}`;
  }

  get #reason(): string {
    const { suggest, steps, state, rates } = this.#data;
    const [valley, steep, last] = [this.valley, this.steep, rates.at(-1)!].map(rateText);
    const why = suggest === "valley"
      ? `the middle of the loss's longest fall (steepest at ${steep})`
      : `the loss's steepest fall (its longest has its middle at ${valley})`;
    const end = {
      finished: `tested up to ${last}`,
      diverged: `it diverged by ${last}`,
      stopped: `stopped at ${last}, after ${rates.length} of ${steps} steps`,
    };
    return `${why}; ${end[state]}`;
  }

  /** All of it as plain data. */
  toJSON(): RangeTestData & { smoothed: readonly number[]; valley: number; steep: number; suggestion: number } {
    const { smoothed, valley, steep, suggestion } = this;
    return structuredClone({ ...this.#data, smoothed, valley, steep, suggestion });
  }

  override spec(): ChartSpec {
    const at = (rate: number) => ({ x: rate, y: this.smoothed[this.rates.indexOf(rate)] });
    const marks: Mark[] = [
      { x: this.steep, label: `steep ${rateText(this.steep)}`, tone: "muted" },
      { ...at(this.valley), label: `valley ${rateText(this.valley)}`, tone: "good" },
    ];
    const reason = this.#reason;
    const subtitle = reason[0].toUpperCase() + reason.slice(1);
    return { ...rangeChart(this.#title, this.rates, this.losses, marks), subtitle };
  }
}

/** The curve of a range test: loss over the logarithm of the rate, smoothed and of each batch. */
export function rangeChart(
  title: string,
  rates: readonly number[],
  losses: readonly number[],
  marks: readonly Mark[] = [],
): ChartSpec {
  const smoothed = smooth(losses);
  // What diverges in the end would press all that matters into a line.
  const bottom = smoothed.indexOf(lowest(smoothed));
  const top = 1.25 * smoothed.slice(0, bottom + 1).reduce((a, b) => Math.max(a, b), 0);
  const visible = (values: readonly number[]) => values.map((value) => value <= top ? value : null);
  return {
    kind: "chart",
    title,
    panels: [{
      xLabel: "learning rate",
      yLabel: "loss",
      xScale: "log",
      series: [
        { name: "each batch", x: rates, y: visible(losses), tone: "muted", points: false },
        { name: "smoothed", x: rates, y: visible(smoothed), points: false },
      ],
      marks,
    }],
  };
}
