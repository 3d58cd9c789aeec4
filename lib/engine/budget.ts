import { wholeNumber } from "./environment.ts";
import { collectGarbage } from "./garbage.ts";

const MIB = 1024 * 1024;

/**
 * How much the memory that tensors take outside JavaScript's may grow before garbage is collected: `THAW_GC_BYTES`,
 * 256 MiB unless set.
 */
const BUDGET = wholeNumber("THAW_GC_BYTES", "a number of bytes", 0) ?? 256 * MIB;

/** What tensors take outside JavaScript's memory, in bytes. */
let live = 0;
/** Garbage is collected when `live` is above it. */
let limit = BUDGET;
/** The most that `live` has been in a stretch of time. Each watch begins one, and looks at all that follow. */
interface Stretch {
  peak: number;
  next?: Stretch;
}
let stretch: Stretch = { peak: 0 };
let asked = false;
/** Garbage was collected, and what it frees waits for a turn of the event loop. */
let pending = false;

/** Counts memory that a tensor takes. */
export function take(bytes: number): void {
  live += bytes;
  if (live > stretch.peak) stretch.peak = live;
  if (live <= limit || asked) return;
  asked = true;
  // Not now: what runs at this moment may free most of it by itself, as a step within tf.tidy does. And not in a
  // microtask: at the end of a notebook's cell that would collect the promise by which the kernel waits for its value.
  setTimeout(() => {
    asked = false;
    if (live > limit) collect();
  }, 0);
}

/** Counts memory of a disposed tensor. */
export function giveBack(bytes: number): void {
  live -= bytes;
}

/** Counts memory of a tensor that was forgotten and found by the collector. */
export function reclaim(bytes: number): void {
  live -= bytes;
  limit = Math.min(limit, live + BUDGET);
}

/** What tensors take outside JavaScript's memory, in bytes. */
export function liveBytes(): number {
  return live;
}

/**
 * Begins to watch what tensors take.
 *
 * @returns tells the most that they took since, in bytes
 */
export function watchPeak(): () => number {
  const first: Stretch = { peak: live };
  stretch.next = first;
  stretch = first;
  return () => {
    let most = 0;
    for (let part: Stretch | undefined = first; part; part = part.next) most = Math.max(most, part.peak);
    return most;
  };
}

/** Collects garbage. What it frees is freed in the next turn of the event loop. */
export function collect(): void {
  // If all of this is in use, collecting again before it has grown further would be in vain.
  limit = live + BUDGET;
  pending = true;
  collectGarbage();
}

/**
 * What a backend awaits before it reads a tensor. A loop that awaits nothing but tensors never lets the event loop turn,
 * for reading takes no time of its own; then forgotten tensors would never be freed. So once garbage is to be collected,
 * the next reading waits for that, and for the turn after it.
 */
export async function reading(): Promise<void> {
  if (asked) await turn();
  if (pending) await turn();
}

/** Lets the event loop turn once: finalizers run. */
export async function turn(): Promise<void> {
  pending = false;
  await new Promise((resolve) => setTimeout(resolve, 0));
}
