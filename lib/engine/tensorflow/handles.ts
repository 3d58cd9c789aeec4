import type { CApi } from "./capi.ts";

interface Deferred {
  compute: () => number;
  forget: () => void;
}

/** TensorFlow's tensors (TFE_TensorHandle) by the numbers that JavaScript knows them by. */
export class Handles {
  readonly #api: CApi;
  readonly #handles = new Map<number, Deno.PointerValue>();
  readonly #deferred = new Map<number, Deferred>();
  #nextId = 0;

  constructor(api: CApi) {
    this.#api = api;
  }

  /** How many tensors TensorFlow holds. */
  get size(): number {
    return this.#handles.size;
  }

  /** Gives a tensor its number. */
  keep(handle: Deno.PointerValue): number {
    this.#handles.set(this.#nextId, handle);
    return this.#nextId++;
  }

  /** Gives a number to a tensor that is computed when it is first asked for; see `Binding.defer`. */
  defer(compute: () => number, forget: () => void): number {
    this.#deferred.set(this.#nextId, { compute, forget });
    return this.#nextId++;
  }

  /**
   * The tensor of this number.
   *
   * @param action what it is wanted for, for the error's text
   * @throws Error when there is none
   */
  get(id: number, action: string): Deno.PointerValue {
    const handle = this.#handles.get(id) ?? this.#computed(id);
    if (handle === undefined) {
      throw new Error(`Cannot ${action} tensor ${id}: expected one that TensorFlow holds, found none (freed already?)`);
    }
    return handle;
  }

  /** Gives a number to another tensor in place of the one that it had, which is freed. */
  replace(id: number, handle: Deno.PointerValue): void {
    this.#api.TFE_DeleteTensorHandle(this.get(id, "replace"));
    this.#handles.set(id, handle);
  }

  /** Computes all that waits to be asked for. */
  settle(): void {
    for (const id of [...this.#deferred.keys()]) {
      if (this.#deferred.has(id)) this.get(id, "compute"); // one may have been freed by another that had waited with it
    }
  }

  /** Frees a tensor; one that was not computed yet never will be. @throws Error when there is none */
  delete(id: number): void {
    const deferred = this.#deferred.get(id);
    if (deferred) {
      this.#deferred.delete(id);
      return deferred.forget();
    }
    this.#api.TFE_DeleteTensorHandle(this.get(id, "free"));
    this.#handles.delete(id);
  }

  #computed(id: number): Deno.PointerValue | undefined {
    const deferred = this.#deferred.get(id);
    if (!deferred) return undefined;
    const result = deferred.compute();
    this.#deferred.delete(id);
    deferred.forget();
    this.#handles.set(id, this.#handles.get(result)!);
    this.#handles.delete(result);
    return this.#handles.get(id);
  }
}
