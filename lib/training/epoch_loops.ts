import type { Epoch } from "./history.ts";

/** One loop over a run's epochs: whether there is news for it, and whether its body is at work. */
class Loop {
  #news = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();

  /** Tells of news. Fulfilled when the loop has dealt with it. */
  tell(): Promise<void> {
    this.#idle = Promise.withResolvers();
    this.#news.resolve();
    return this.#idle.promise;
  }

  rest(): void {
    this.#idle.resolve();
  }

  async wait(): Promise<void> {
    this.rest();
    await this.#news.promise;
    this.#news = Promise.withResolvers();
  }
}

/** Hands a run's epochs to `for await` loops. The training waits while a loop's body is at work. */
export class EpochLoops {
  readonly #loops = new Set<Loop>();

  /** Tells the loops that there is another epoch; waits for them, at most until the signal comes. */
  async tell(signal: AbortSignal): Promise<void> {
    if (this.#loops.size === 0 || signal.aborted) return;
    const stopped = Promise.withResolvers<void>();
    const stop = () => stopped.resolve();
    signal.addEventListener("abort", stop);
    await Promise.race([stopped.promise, Promise.all([...this.#loops].map((loop) => loop.tell()))]);
    signal.removeEventListener("abort", stop);
  }

  /** The epochs so far, and those to come until the end, whose error is the loop's too. */
  async *follow(history: readonly Epoch[], end: Promise<unknown>): AsyncGenerator<Epoch, void, undefined> {
    const loop = new Loop();
    let ended = false;
    const last = () => {
      ended = true;
      loop.tell();
    };
    end.then(last, last);
    this.#loops.add(loop);
    try {
      for (let next = 0;;) {
        while (next < history.length) yield history[next++];
        if (ended) break;
        await loop.wait();
      }
      await end;
    } finally {
      this.#loops.delete(loop);
      loop.rest();
    }
  }
}
