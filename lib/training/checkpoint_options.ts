/** How often checkpoints are written besides every epoch's end. */
export interface CheckpointInterval {
  /** After so many steps. */
  steps?: number;
  /** After so many seconds, at the next step's end. */
  seconds?: number;
}

/** Checks what `fit` is told about checkpoints. */
export function checkCheckpoint(
  { checkpoint, resume, checkpointEvery }: {
    checkpoint?: string;
    resume?: boolean;
    checkpointEvery?: CheckpointInterval;
  },
): void {
  if (checkpoint === undefined) {
    const alone = resume !== undefined ? "resume" : checkpointEvery !== undefined ? "checkpointEvery" : undefined;
    if (alone) throw new TypeError(`Cannot fit: expected checkpoint, the folder, with ${alone}, found none`);
    return;
  }
  if (typeof checkpoint !== "string" || checkpoint === "") {
    throw new TypeError(`Cannot fit: expected checkpoint to be a folder's path, found ${JSON.stringify(checkpoint)}`);
  }
  if (resume !== undefined && typeof resume !== "boolean") {
    throw new TypeError(`Cannot fit: expected resume to be true or false, found ${JSON.stringify(resume)}`);
  }
  if (checkpointEvery === undefined) return;
  const { steps, seconds } = checkpointEvery;
  const valid = (steps === undefined || (Number.isInteger(steps) && steps >= 1)) &&
    (seconds === undefined || seconds > 0) && (steps ?? seconds) !== undefined;
  if (valid) return;
  throw new RangeError(
    "Cannot fit: expected checkpointEvery to have steps (a whole number ≥ 1) or seconds (above 0), " +
      `found ${JSON.stringify(checkpointEvery)}`,
  );
}
