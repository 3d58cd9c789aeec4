import type { Epoch } from "./history.ts";

/** When a run that no longer gets better ends by itself. */
export interface EarlyStopping {
  /** How many epochs without a better loss it goes on; 3. */
  patience?: number;
  /** By how much a loss must be below the best one to be better; 0. */
  minDelta?: number;
}

/** Whether the last `patience` epochs brought no better validation loss, or training loss where there is no other. */
export function hasStalled(history: readonly Epoch[], { patience = 3, minDelta = 0 }: EarlyStopping): boolean {
  let best = Infinity;
  let waited = 0;
  for (const { validationLoss, loss } of history) {
    const found = validationLoss ?? loss;
    if (found < best - minDelta) [best, waited] = [found, 0];
    else waited++;
  }
  return waited >= patience;
}

/** @throws {RangeError} naming the option that cannot be */
export function checkEarlyStopping({ patience = 3, minDelta = 0 }: EarlyStopping): void {
  if (!Number.isInteger(patience) || patience < 1) {
    throw new RangeError(`Cannot fit: expected earlyStopping.patience to be a whole number ≥ 1, found ${patience}`);
  }
  if (!(minDelta >= 0)) {
    throw new RangeError(`Cannot fit: expected earlyStopping.minDelta to be a number ≥ 0, found ${minDelta}`);
  }
}
