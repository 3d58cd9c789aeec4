import { fromCString } from "./c_string.ts";
import type { CApi } from "./capi.ts";

const OK = 0;
const RESOURCE_EXHAUSTED = 8;

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
    if (this.#api.TF_GetCode(this.pointer) !== RESOURCE_EXHAUSTED) return text;
    return `${text}. Memory is used up: take smaller batches or smaller images, or let go of tensors that you keep`;
  }

  /** @throws Error that begins with `action` when the last call failed */
  check(action: string): void {
    if (!this.ok) throw new Error(`${action}: ${this.message}`);
  }
}
