/** What WebGPU tells apart, the most telling first: memory that is full makes operations invalid that come later. */
const KINDS = ["out-of-memory", "internal", "validation"] as const;

/**
 * What goes wrong on the card. WebGPU throws nothing where it happens, and computes on with nothing; so whoever reads a tensor
 * next is told.
 */
export class Troubles {
  readonly #device: GPUDevice;
  #lost?: string;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.lost.then(({ message, reason }) => this.#lost = message || reason || "no reason was given");
    this.#watch();
  }

  /** Whether the card is gone, with all that it had. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  #watch(): void {
    for (const kind of KINDS.toReversed()) this.#device.pushErrorScope(kind);
  }

  /** What went wrong in all that was asked of the card until now, and since this was last called. */
  async soFar(): Promise<GPUError | undefined> {
    const asked = KINDS.map(() => this.#device.popErrorScope());
    this.#watch(); // before anything is awaited: no operation is left out
    const errors = await Promise.all(asked.map((error) => error.catch(() => null))); // a card that is gone tells nothing
    return errors.find((error) => error !== null) ?? undefined;
  }

  /**
   * Says what happened and what to do; where nothing did, nothing.
   *
   * @param cause what failed because of it, where something did
   * @throws {Error} or `cause` itself where there is no better explanation
   */
  tell(error: GPUError | undefined, cause?: unknown): void {
    if (this.#lost !== undefined) {
      throw new Error(
        `Cannot compute on webgpu any more: the card is gone (${this.#lost}); start the kernel again, or go to another ` +
          'rung with new tensors: await useEngine("wasm")',
        { cause },
      );
    }
    if (error && isFull(error)) {
      throw new RangeError(
        "Cannot compute on webgpu: the card's memory is full, and what was computed since is void; lower the batch size " +
          `or the size of the images, freeze more of the network, or let go of networks that are not needed (${error.message})`,
        { cause: cause ?? error },
      );
    }
    if (error) throw new Error(`Cannot compute on webgpu: ${error.message}`, { cause: cause ?? error });
    if (cause !== undefined) throw cause;
  }
}

/** Whether the card's memory did not suffice. */
export function isFull(error: GPUError): boolean {
  return error instanceof GPUOutOfMemoryError;
}
