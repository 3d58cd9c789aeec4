import type { Random } from "./random.ts";

/** A good file that bad ones are made of. */
export interface Seed {
  name: string;
  format: FormatName;
  bytes: Uint8Array<ArrayBuffer>;
}

export type FormatName = "torch zip" | "torch legacy" | "safetensors" | "whole network";

/** One way to spoil a file. */
export interface Mutation {
  /** What it works on, and what it does: `"zip: names doubled"`. */
  name: string;
  /**
   * Makes a bad file of a good one, which is left as it is.
   *
   * @param seeds all files of the same format
   */
  mutate(seed: Seed, random: Random, seeds: readonly Seed[]): Uint8Array<ArrayBuffer>;
}

/** Bytes one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
