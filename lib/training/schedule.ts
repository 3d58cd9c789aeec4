/** How far a training run is when a schedule is asked for the next step's rate. */
export interface Moment {
  /** The step to come, from 0. */
  step: number;
  /** How many steps the whole run has. */
  steps: number;
  /** The loss of each epoch so far: on the validation data, or in training where there is none. */
  losses: readonly number[];
}

/**
 * A learning rate over the steps of a run, as a share of the optimizer's own rate. A plain function without memory: a run
 * that is resumed goes on with the same rates.
 */
export interface Schedule {
  (moment: Moment): number;
  /** The optimizer's momentum over the steps, where the schedule moves it too. */
  momentum?: (moment: Moment) => number;
}

/** A linear rise before the schedule proper begins. */
export interface WarmupOptions {
  /** How many steps it takes; 0. */
  warmup?: number;
  /** The share of the rate at which it begins; ⅓, as torch's LinearLR. */
  warmupFrom?: number;
}

/**
 * Puts a linear warm-up before a schedule, which then has the remaining steps: torch's SequentialLR of LinearLR and that.
 *
 * @throws {RangeError} naming the option that cannot be
 */
export function withWarmup(schedule: Schedule, { warmup = 0, warmupFrom = 1 / 3 }: WarmupOptions): Schedule {
  checkCount("warmup", warmup, 0);
  checkShare("warmupFrom", warmupFrom);
  return ({ step, steps, losses }) =>
    step < warmup
      ? warmupFrom + (1 - warmupFrom) * step / warmup
      : schedule({ step: step - warmup, steps: Math.max(1, steps - warmup), losses });
}

/** Checks a schedule's number of steps or epochs. */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`Cannot make a schedule: expected ${name} to be a whole number ≥ ${least}, found ${value}`);
}

/** Checks a schedule's share. */
export function checkShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`Cannot make a schedule: expected ${name} to be a share from 0 to 1, found ${value}`);
}

/** The schedule under a name that tells its options, for lists of runs: `cosine({"warmup":100})`. */
export function named(name: string, options: object, schedule: Schedule): Schedule {
  const text = Object.keys(options).length ? JSON.stringify(options) : "";
  return Object.defineProperty(schedule, "name", { value: `${name}(${text})` });
}
