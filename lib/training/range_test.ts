import { type ChartSpec, Displayable, formatNumber, type Mark } from "../display/mod.ts";
import { steep, valley } from "./rate_suggestion.ts";

/** A learning rate range test as it went. */
export interface RangeTestData {
  /** The network's class, and the data's name. */
  model: string;
  dataset: string;
  /** How many steps were asked for. */
  steps: number;
  /** The rate of each step that was made. */
  rates: readonly number[];
  /** The loss of each step's batch before the step. */
  losses: readonly number[];
  /** How it ended: after all steps, because the loss rose too far, or by a stop. */
  state: "finished" | "diverged" | "stopped";
  /** Which rule makes the suggestion. */
  suggest: "valley" | "steep";
}

/** How much of the smoothed loss is that of the steps before, as in fastai. */
const MEMORY = 0.98;
/** How many times its lowest the smoothed loss may come to before the test ends, as in fastai. */
const DIVERGED = 4;
/** Steps at the end that no suggestion looks at, as in fastai: there the loss may have begun to rise. */
const END = 5;
/** By which share of itself the smoothed loss must fall: no two batches are equally hard, and less is chance. */
const LEAST_FALL = 0.01;

/** The running average of losses, corrected for its start at zero as Adam's averages are. */
export function smooth(losses: readonly number[]): number[] {
  let average = 0;
  return losses.map((loss, i) => {
    average = MEMORY * average + (1 - MEMORY) * loss;
    return average / (1 - MEMORY ** (i + 1));
  });
}

/** Whether the smoothed loss has risen so far that larger rates need no trial. */
export function hasDiverged(smoothed: readonly number[]): boolean {
  return smoothed.length > 0 && smoothed.at(-1)! > DIVERGED * lowest(smoothed);
}

/** The positions that suggestions look at: neither the first tenth, where the average is young, nor the end. */
function judged({ steps, losses }: RangeTestData): [from: number, to: number] {
  return [Math.floor(steps / 10), losses.length - END];
}

/**
 * The range test of these steps, where there is something to suggest.
 *
 * @param broken the loss after the last step, where it was no number
 * @throws {Error} saying why there is not
 */
export function judge({ broken, ...data }: RangeTestData & { broken?: number }): RangeTest {
  const { model, dataset, rates, losses, steps, state } = data;
  const fail = (expected: string, found: string, advice: string): never => {
    throw new Error(
      `Cannot find a learning rate for ${model} on ${dataset}: expected ${expected}, found ${found}; ${advice}`,
    );
  };
  if (broken !== undefined && losses.length === 0) {
    fail(
      "a finite loss before the first step",
      String(broken),
      "look for broken samples, or weights that are no numbers",
    );
  }
  const [from, to] = judged(data);
  if (to - from < 2) {
    if (state === "stopped") {
      throw new DOMException(
        `The range test was stopped after ${losses.length} of ${steps} steps, too few to suggest a learning rate`,
        "AbortError",
      );
    }
    const found = `it diverging at ${rateText(rates.at(-1)!)}, after ${losses.length} of ${steps} steps`;
    fail("the loss to fall before it diverges", found, "begin with a smaller from, or take more steps");
  }
  const smoothed = smooth(losses).slice(from, to);
  const bottom = lowest(smoothed);
  if (bottom > (1 - LEAST_FALL) * smoothed[0]) {
    const found = `${formatNumber(smoothed[0])} at first and ${formatNumber(bottom)} at its lowest`;
    const advice =
      "see whether labels and samples belong together and whether what is frozen leaves enough to train, or " +
      "begin with a smaller from";
    fail(`the loss to fall at a rate from ${rateText(rates[0])} to ${rateText(rates.at(-1)!)}`, found, advice);
  }
  return new RangeTest(data);
}

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

  /** @param data with something to suggest: {@linkcode judge} looks whether there is */
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
    const { model, dataset, suggest, steps, state, rates } = this.#data;
    const [valley, steep, last] = [this.valley, this.steep, rates.at(-1)!].map(rateText);
    const how = suggest === "valley"
      ? `learning rate ${valley}, in the middle of the longest fall of the loss (steepest at ${steep})`
      : `learning rate ${steep}, where the loss falls most steeply (middle of its longest fall: ${valley})`;
    const end = {
      finished: `tested up to ${last}`,
      diverged: `the loss diverged by ${last}`,
      stopped: `stopped at ${last}, after ${rates.length} of ${steps} steps`,
    };
    return `${model} on ${dataset}: ${how}; ${end[state]}`;
  }

  /** All of it as plain data. */
  toJSON(): RangeTestData & { smoothed: readonly number[]; valley: number; steep: number; suggestion: number } {
    const { smoothed, valley, steep, suggestion } = this;
    return structuredClone({ ...this.#data, smoothed, valley, steep, suggestion });
  }

  override spec(): ChartSpec {
    const at = (rate: number) => ({ x: rate, y: this.smoothed[this.rates.indexOf(rate)] });
    return rangeChart(this.summary, this.rates, this.losses, [
      { x: this.steep, label: `steep ${rateText(this.steep)}`, tone: "muted" },
      { ...at(this.valley), label: `valley ${rateText(this.valley)}`, tone: "good" },
    ]);
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

/** A rate as people write it. */
export function rateText(rate: number): string {
  return formatNumber(Number(rate.toPrecision(2)));
}

function lowest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
