import * as tf from "@tensorflow/tfjs";
import type { Batch } from "./types.ts";

/**
 * Batches for a loop whose body tells when the next one may be made: while a card computes, and before the body waits for what
 * comes out of that. Then pixels are put together and brought to the card in time that would else pass in waiting.
 *
 * A batch that was made in vain, since the loop was left, is given back.
 */
export class BatchesAhead {
  readonly #batches: AsyncIterator<Batch>;
  #next?: Promise<IteratorResult<Batch>>;

  constructor(batches: AsyncIterable<Batch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Makes the next batch. What goes wrong in that is thrown where the loop asks for it. */
  async makeNext(): Promise<void> {
    this.#next ??= this.#batches.next();
    await this.#next.catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    return {
      next: () => {
        const next = this.#next ?? this.#batches.next();
        this.#next = undefined;
        return next;
      },
      return: async () => {
        const unused = await this.#next?.catch(() => undefined);
        if (unused && !unused.done) tf.dispose([unused.value.images, unused.value.labels]);
        await this.#batches.return?.();
        return { done: true, value: undefined };
      },
    };
  }
}
