import { formatNumber } from "../display/mod.ts";

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
export function judged({ steps, losses }: RangeTestData): [from: number, to: number] {
  return [Math.floor(steps / 10), losses.length - END];
}

/**
 * Checks that a range test leaves something to suggest.
 *
 * @param broken the loss after the last step, where it was no number
 * @throws {Error} saying why there is not; {DOMException} where it was stopped before there was
 */
export function expectFall(data: RangeTestData, broken?: number): void {
  const { model, dataset, rates, losses, steps, state } = data;
  const fail = (expected: string, found: string, advice: string): never => {
    throw new Error(
      `Cannot find a learning rate for ${model} on ${dataset}: expected ${expected}, found ${found}; ${advice}`,
    );
  };
  if (broken !== undefined && losses.length === 0) {
    const advice = "look for broken samples, or weights that are no numbers";
    fail("a finite loss before the first step", String(broken), advice);
  }
  const [from, to] = judged(data);
  const smoothed = smooth(losses).slice(from, Math.max(from, to));
  const bottom = lowest(smoothed);
  if (smoothed.length > 1 && bottom < (1 - LEAST_FALL) * smoothed[0]) return;
  if (state === "stopped") {
    const message = `The range test was stopped after ${losses.length} of ${steps} steps, too few to suggest a rate`;
    throw new DOMException(message, "AbortError");
  }
  const last = rateText(rates.at(-1)!);
  if (smoothed.length < 2) {
    const found = `it diverging at ${last}, after ${losses.length} of ${steps} steps`;
    fail("the loss to fall before it diverges", found, "begin with a smaller from, or take more steps");
  }
  fail(
    `the loss to fall at a rate from ${rateText(rates[0])} to ${last}`,
    `${formatNumber(smoothed[0])} at first and ${formatNumber(bottom)} at its lowest`,
    "see whether labels and samples belong together and whether what is frozen leaves enough to train, or begin with " +
      "a smaller from",
  );
}

/** A rate as people write it. */
export function rateText(rate: number): string {
  return formatNumber(Number(rate.toPrecision(2)));
}

/** The least of these. */
export function lowest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
