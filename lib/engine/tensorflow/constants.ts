import type { CApi } from "./capi.ts";
import { TF_FLOAT } from "./dtypes.ts";
import type { HostValues } from "./host_tensor.ts";

/** So many are kept: those of a training step are some tens, a schedule brings new ones with each step. */
const MOST = 512;

/**
 * Single numbers on the device, each put there once. `tf.mul(x, 0.5)` makes a tensor of the 0.5 every time it is called; on a
 * card bringing four bytes there means waiting until all that is queued before has been computed.
 */
export class Constants {
  readonly #api: CApi;
  readonly #kept = new Map<string, Deno.PointerValue>();

  constructor(api: CApi) {
    this.#api = api;
  }

  /** What a tensor is kept under; undefined where it is none of these. */
  static key(shape: readonly number[], dtype: number, values: HostValues): string | undefined {
    if (dtype !== TF_FLOAT || !(values instanceof Float32Array) || values.length > 1) return undefined;
    const [number = "nothing"] = values;
    return `${Object.is(number, -0) ? "-0" : number} ${shape}`;
  }

  /** The one of this key; the caller may not delete it. */
  find(key: string): Deno.PointerValue | undefined {
    const handle = this.#kept.get(key);
    if (handle !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, handle); // used last
    }
    return handle;
  }

  /** Takes one over, and lets the one go that was not used for longest. */
  keep(key: string, handle: Deno.PointerValue): void {
    this.#kept.set(key, handle);
    if (this.#kept.size <= MOST) return;
    const [oldest, unused] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    this.#api.TFE_DeleteTensorHandle(unused);
  }
}
