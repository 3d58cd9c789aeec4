/** How often checkpoints are written: at every epoch's end unless `epochs` says otherwise, and within epochs. */
export interface CheckpointInterval {
  /** Not at every epoch's end but after so many of them; 1. */
  epochs?: number;
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
  const { epochs, steps, seconds } = checkpointEvery;
  const isCount = (value: number | undefined) => value === undefined || (Number.isInteger(value) && value >= 1);
  const valid = isCount(epochs) && isCount(steps) && (seconds === undefined || seconds > 0) &&
    (epochs ?? steps ?? seconds) !== undefined;
  if (valid) return;
  throw new RangeError(
    "Cannot fit: expected checkpointEvery to have epochs or steps (whole numbers ≥ 1) or seconds (above 0), " +
      `found ${JSON.stringify(checkpointEvery)}`,
  );
}
