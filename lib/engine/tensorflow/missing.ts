import { isNews, type Miss } from "./library.ts";

/** TensorFlow's C library is in none of the places where it was looked for. */
export class MissingLibraryError extends Error {
  override name = "MissingLibraryError";

  /** The message without the places that nobody named. */
  readonly summary: string;

  /** @param misses the places, and why nothing was taken there */
  constructor(readonly misses: readonly Miss[]) {
    const list = (misses: readonly Miss[]) => misses.map(({ place, reason }) => `${place}: ${reason}`).join("; ");
    super(`libtensorflow was not found (${list(misses)})`);
    this.summary = ["libtensorflow was not found", ...misses.filter(isNews).map((miss) => list([miss]))].join("; ");
  }
}
