import { manualSeed } from "../../engine/mod.ts";
import { random } from "../../engine/random.ts";

/** Draws all random numbers of `work` from this seed, and lets the others go on as if nothing had been drawn. */
export async function withSeed<T>(seed: number, work: () => Promise<T>): Promise<T> {
  const before = random.save();
  manualSeed(seed);
  try {
    return await work();
  } finally {
    random.restore(before);
  }
}
