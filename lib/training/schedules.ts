import { plateau } from "./plateau.ts";
import { checkCount, checkShare, named, type Schedule, type WarmupOptions, withWarmup } from "./schedule.ts";

/**
 * The optimizer's own rate throughout, after the warm-up: torch's LinearLR.
 *
 * @example
 * ```ts
 * import { constant } from "thaw";
 *
 * const rate = constant({ warmup: 4, warmupFrom: 0 });
 * console.log([0, 1, 2, 3, 4, 5].map((step) => rate({ step, steps: 6, losses: [] }))); // [ 0, 0.25, 0.5, 0.75, 1, 1 ]
 * ```
 */
export function constant(options: WarmupOptions = {}): Schedule {
  return named("constant", options, withWarmup(() => 1, options));
}

/** Options of {@linkcode stepDecay}. */
export interface StepDecayOptions extends WarmupOptions {
  /** After how many steps the rate falls; a third of the run's. */
  every?: number;
  /** What it is multiplied with then; 0.1. */
  factor?: number;
}

/**
 * A rate that falls by a factor every so many steps: torch's StepLR.
 *
 * @example
 * ```ts
 * import { stepDecay } from "thaw";
 *
 * const rate = stepDecay({ every: 2, factor: 0.5 });
 * console.log([0, 1, 2, 3, 4].map((step) => rate({ step, steps: 5, losses: [] }))); // [ 1, 1, 0.5, 0.5, 0.25 ]
 * ```
 */
export function stepDecay(options: StepDecayOptions = {}): Schedule {
  const { every, factor = 0.1 } = options;
  if (every !== undefined) checkCount("every", every, 1);
  checkShare("factor", factor);
  const share: Schedule = ({ step, steps }) => factor ** Math.floor(step / (every ?? Math.ceil(steps / 3)));
  return named("stepDecay", options, withWarmup(share, options));
}

/** Options of {@linkcode cosine}. */
export interface CosineOptions extends WarmupOptions {
  /** The share of the rate at which it ends; 0. */
  floor?: number;
}

/**
 * A rate that falls along half a cosine until the run's end (Loshchilov & Hutter 2017): torch's CosineAnnealingLR.
 *
 * @example
 * ```ts
 * import { cosine } from "thaw";
 *
 * const rate = cosine({ warmup: 2 });
 * console.log(rate({ step: 2, steps: 10, losses: [] })); // 1
 * ```
 */
export function cosine(options: CosineOptions = {}): Schedule {
  const { floor = 0 } = options;
  checkShare("floor", floor);
  return named("cosine", options, withWarmup(({ step, steps }) => between(1, floor, step / steps), options));
}

/** Options of {@linkcode oneCycle}, as shares. */
export interface OneCycleOptions {
  /** How much of the run the rate rises; 0.3. This is the schedule's warm-up. */
  rise?: number;
  /** The share of the rate at which it begins; 1/25. */
  from?: number;
  /** The share of that at which it ends; 1/10,000. */
  to?: number;
  /** Whether it moves along cosines or lines; "cosine". */
  anneal?: "cosine" | "linear";
  /**
   * Moves the optimizer's momentum (Adam's first beta) against the rate, between these: torch's `cycle_momentum`, with
   * `[0.85, 0.95]` there. Unless given, it stays.
   */
  momentum?: readonly [low: number, high: number];
}

/**
 * A rate that rises from a small one to the optimizer's own and falls to almost nothing (Smith & Topin 2018): torch's
 * OneCycleLR with `max_lr` as the optimizer's rate.
 *
 * @example
 * ```ts
 * import { oneCycle } from "thaw";
 *
 * const rate = oneCycle({ rise: 0.5 });
 * console.log(rate({ step: 4, steps: 10, losses: [] })); // 1
 * ```
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { rise = 0.3, from = 1 / 25, to = 1e-4, anneal = "cosine", momentum } = options;
  for (const [name, value] of Object.entries({ rise, from, to })) checkShare(name, value);
  momentum?.forEach((value) => checkShare("momentum", value));
  if (anneal !== "cosine" && anneal !== "linear") {
    throw new RangeError(`Cannot make a schedule: expected anneal to be "cosine" or "linear", found "${anneal}"`);
  }
  const move = anneal === "cosine" ? between : (a: number, b: number, done: number) => a + (b - a) * done;
  const cycle = (start: number, top: number, end: number): Schedule => ({ step, steps }) => {
    const turn = rise * steps - 1;
    const last = steps - 1;
    if (step <= turn) return turn > 0 ? move(start, top, step / turn) : top;
    return last > turn ? move(top, end, Math.min(1, (step - turn) / (last - turn))) : end;
  };
  const schedule = named("oneCycle", options, cycle(from, 1, from * to));
  if (momentum) schedule.momentum = cycle(momentum[1], momentum[0], momentum[1]);
  return schedule;
}

/** From `a` to `b` along half a cosine. */
function between(a: number, b: number, done: number): number {
  return b + (a - b) * (1 + Math.cos(Math.PI * done)) / 2;
}

const byName = { constant, step: stepDecay, cosine, oneCycle, plateau };

/** The schedules that have names, for `fit`'s `schedule`. */
export type ScheduleName = keyof typeof byName;

/** The schedule of that name with its defaults, or the function itself. */
export function scheduleOf(schedule: ScheduleName | Schedule): Schedule {
  if (typeof schedule === "function") return schedule;
  if (Object.hasOwn(byName, schedule)) return byName[schedule]();
  const names = Object.keys(byName).map((name) => `"${name}"`).join(", ");
  throw new RangeError(
    `Cannot fit: expected the schedule ${names} or a function, found ${JSON.stringify(schedule)}`,
  );
}
