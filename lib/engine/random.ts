/**
 * Random numbers that are the same on every rung of the ladder: xoshiro128** (Blackman & Vigna 2018), seeded through
 * splitmix32.
 */
export class RandomGenerator {
  #state = new Uint32Array(4);

  /** @param seed any number; its lower 32 bits count */
  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts the sequence of this seed again. */
  seed(seed: number): void {
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let t = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
      this.#state[i] = t ^ (t >>> 15);
    }
  }

  /** The next 32 bits. */
  bits(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A number in [0, 1) with 24 random bits, as many as a float32 holds. */
  uniform(): number {
    return (this.bits() >>> 8) / 0x1000000;
  }

  /** A number from the standard normal distribution (Box & Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** What `restore` needs to go on from here. */
  save(): number[] {
    return [...this.#state];
  }

  /** Goes on where `save` was called. */
  restore(state: readonly number[]): void {
    this.#state.set(state);
  }
}

/** The generator that initializers, dropout and shuffling draw from when no seed of their own is given. */
export const random: RandomGenerator = new RandomGenerator(crypto.getRandomValues(new Uint32Array(1))[0]);

/**
 * Seeds every random choice that thaw makes from here on, as torch.manual_seed does: initial weights, dropout, shuffling.
 *
 * @param seed an integer
 *
 * @example
 * ```ts
 * import { manualSeed, nn } from "thaw";
 *
 * manualSeed(1);
 * const a = await new nn.Linear(2, 2).stateDict().get("weight")!.data();
 * manualSeed(1);
 * const b = await new nn.Linear(2, 2).stateDict().get("weight")!.data();
 * console.log(String(a) === String(b)); // true
 * ```
 */
export function manualSeed(seed: number): void {
  if (!Number.isInteger(seed)) throw new TypeError(`Cannot seed: expected an integer, found ${seed}`);
  random.seed(seed);
}

/**
 * Draws all random numbers of `work` from this seed, and lets the others go on as if nothing had been drawn: once it has
 * returned, or, where it gives a promise, once that has ended.
 */
export function withSeed<T>(seed: number, work: () => T): T {
  const before = random.save();
  const restore = () => random.restore(before);
  let result: T;
  try {
    manualSeed(seed);
    result = work();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as T;
  restore();
  return result;
}
