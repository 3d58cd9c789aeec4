import { RandomGenerator } from "../../lib/engine/random.ts";

/** Random choices that depend on a seed and a file's number alone, so that every file can be made again. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number, file: number) {
    this.#generator = new RandomGenerator(Math.imul(seed, 0x9e3779b1) ^ Math.imul(file + 1, 0x85ebca6b));
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.#generator.bits() / 2 ** 32 * limit);
  }

  /** A whole number from 1 to `limit`, small ones as often as large ones of each size. */
  count(limit: number): number {
    return Math.floor(Math.exp(this.#generator.bits() / 2 ** 32 * Math.log(limit + 1)));
  }

  /** Whether something happens that happens once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** A part of `from`: where it begins, and where it ends. */
  range(from: { length: number }): [number, number] {
    const start = this.below(from.length + 1);
    return [start, start + this.below(from.length - start + 1)];
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
