/**
 * What the values of one pickle may take in memory together, in bytes. A pickle of a few kilobytes can ask for gigabytes: each
 * of its bytes may be a new dict, and a deflated one packs a thousand of those into one byte.
 */
export const valueLimit: number = 2 ** 29;

/** What values take at most, in bytes: measured, and rounded up. */
export const cost = {
  /** An instruction: its place on the stack, and a number there. It also bounds the time. */
  step: 32,
  /** A number that is written in digits, or as bytes of any number: it takes time more than memory. */
  written: 256,
  /** A list or tuple, and each of its items. */
  list: 192,
  item: 16,
  /** A dict or set, and each of its items. */
  dict: 256,
  pair: 64,
  /** A text, and each of its characters. */
  text: 64,
  character: 2,
  /** Bytes, and each of them. */
  bytes: 512,
  byte: 1,
  /** A value kept in the memo. */
  kept: 64,
  /** A storage or tensor, with the entry that it becomes. */
  tensor: 512,
  /** An element of what a call is given, and may copy. */
  copied: 64,
  /**
   * A number as a dict's key, unless it is an index: whoever writes the file can choose numbers of one and the same hash, and
   * JavaScript then compares each with all others. Four thousand of them are nothing, a hundred thousand a standstill.
   */
  numericKey: 2 ** 17,
} as const;

/** Counts what a pickle's values take. */
export class Budget {
  #spent = 0;

  /** @throws {RangeError} where the limit is passed */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > valueLimit) {
      throw new RangeError(`its pickle's values would take more than ${valueLimit / 2 ** 20} MB of memory`);
    }
  }
}
