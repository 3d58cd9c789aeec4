import { RandomGenerator } from "../engine/random.ts";

/**
 * The numbers from 0 to `length - 1` in random order (Fisher & Yates): the same for the same seed and epoch, another one
 * in each epoch.
 */
export function permutation(length: number, seed: number, epoch = 0): Int32Array {
  const random = generator(seed, epoch);
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** What a sample's random transforms draw from: it depends on no other sample, nor on how they are batched. */
export function sampleGenerator(seed: number, epoch: number, index: number): RandomGenerator {
  return generator(seed, epoch, index + 1);
}

/** Mixes the numbers well, so that neighbouring seeds, epochs and samples have nothing to do with each other. */
function generator(...parts: number[]): RandomGenerator {
  let mixed = 0x2545f491;
  for (const part of parts) {
    mixed = Math.imul(mixed ^ (part | 0), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return new RandomGenerator(mixed);
}
