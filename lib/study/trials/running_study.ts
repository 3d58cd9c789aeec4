/** A study that goes on by itself: `await` it for its end, or leave it and stop it from another cell. */
export class RunningStudy<S extends { toString(): string }> implements PromiseLike<S> {
  readonly #end: Promise<S>;
  readonly #stop: AbortController;

  /** @param stop ends the study early, when it is aborted */
  constructor(end: Promise<S>, stop: AbortController) {
    this.#end = end;
    this.#stop = stop;
    end.catch(() => {}); // whoever awaits it meets the error
  }

  /** Ends the study after the step that is being computed, keeps what is done, and waits for it. */
  stop(): Promise<S> {
    this.#stop.abort();
    return this.#end;
  }

  then<A = S, B = never>(
    fulfilled?: ((study: S) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.#end.then(fulfilled, rejected);
  }

  /** What to do when the study fails, as a promise's `catch`. */
  catch<B>(rejected: (reason: unknown) => B | PromiseLike<B>): PromiseLike<S | B> {
    return this.#end.catch(rejected);
  }

  /** What to do at the end, however it comes, as a promise's `finally`. */
  finally(settled: () => void): PromiseLike<S> {
    return this.#end.finally(settled);
  }

  [Symbol.for("Jupyter.display")](): Promise<Record<string, unknown>> {
    return Promise.resolve({}); // its board is on display already
  }
}
