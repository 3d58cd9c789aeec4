import { type Miss, NOT_SET } from "./library.ts";

/** TensorFlow's C library is in none of the places where it was looked for. */
export class MissingLibraryError extends Error {
  override name = "MissingLibraryError";

  /** The message without the places that nobody named. */
  readonly summary: string;

  /** @param misses the places, and why nothing was taken there */
  constructor(readonly misses: readonly Miss[]) {
    const list = (misses: readonly Miss[]) => misses.map(({ place, reason }) => `${place}: ${reason}`).join("; ");
    super(`libtensorflow was not found (${list(misses)})`);
    const named = misses.filter(({ place, reason }) => place === "THAW_LIBTENSORFLOW" && reason !== NOT_SET);
    this.summary = ["libtensorflow was not found", ...named.map((miss) => list([miss]))].join("; ");
  }
}
