import { fromCString } from "./c_string.ts";
import type { CApi } from "./capi.ts";

const OK = 0;
const RESOURCE_EXHAUSTED = 8;
/** How cuDNN, cuBLAS and the driver say that a card's memory is used up. TensorFlow passes that on as failures of their own. */
const CARD_EXHAUSTED =
  /CUDA_ERROR_OUT_OF_MEMORY|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED|GPU_\d+_bfc|GPU:\d+ by allocator/;

/** Where TensorFlow's functions leave how they fared. One serves all calls: they come from one thread. */
export class Status {
  readonly pointer: Deno.PointerValue;
  readonly #api: CApi;

  constructor(api: CApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus();
  }

  /** Whether the last call that was given this status succeeded. */
  get ok(): boolean {
    return this.#api.TF_GetCode(this.pointer) === OK;
  }

  /**
   * Why it failed, in TensorFlow's words without their wrapping: the name of the generated function around the op, and
   * the op's name, which our errors begin with.
   */
  get message(): string {
    const text = fromCString(this.#api.TF_Message(this.pointer))
      .replace(/\{\{\w+ [^}]*\}\} ?/g, "")
      .replace(/ ?\[Op:[^\]]*\]( name: ?\S*)?/g, "")
      .trim();
    const advice = this.#advice(text);
    return advice ? `${text.replace(/\.$/, "")}. ${advice}` : text;
  }

  /** What to do where memory is used up; TensorFlow itself goes on. */
  #advice(text: string): string | undefined {
    if (CARD_EXHAUSTED.test(text)) {
      return "The card's memory is used up: take a smaller batchSize or smaller images, compute with " +
        'usePrecision("bfloat16"), or let go of tensors that you keep; nvidia-smi shows who else uses the card';
    }
    if (this.#api.TF_GetCode(this.pointer) !== RESOURCE_EXHAUSTED) return undefined;
    return "Memory is used up: take smaller batches or smaller images, or let go of tensors that you keep";
  }

  /** @throws Error that begins with `action` when the last call failed */
  check(action: string): void {
    if (!this.ok) throw new Error(`${action}: ${this.message}`);
  }
}
