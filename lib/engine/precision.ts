import type { Rung } from "./rung.ts";

/**
 * What numbers convolutions and products of matrices are computed in: `float32`; `tf32`, which rounds what is multiplied to ten
 * binary places on NVIDIA's cards and sums in float32; `bfloat16`, which rounds to seven and keeps the results so.
 */
export type Precision = "float32" | "tf32" | "bfloat16";

const PRECISIONS: readonly Precision[] = ["float32", "tf32", "bfloat16"];

/** A rung of the ladder, as far as precision goes; one without `setPrecision` knows float32 alone. */
type PreciseRung = Pick<Rung, "name" | "setPrecision">;

let current: Precision = "float32";
/** What computes at the moment. */
let inUse: PreciseRung | undefined;

/**
 * The precision that convolutions and products are computed in at the moment; see {@linkcode usePrecision}.
 *
 * @example
 * ```ts
 * import { precision } from "thaw";
 *
 * console.log(precision()); // float32
 * ```
 */
export function precision(): Precision {
  return current;
}

/**
 * Computes convolutions and products of matrices in another precision from here on: `THAW_PRECISION` says it from the start.
 *
 * - `"float32"`, the default: the numbers of torch and torchvision as they come. TensorFlow's own default is tf32.
 * - `"tf32"`: on NVIDIA's cards from compute capability 8.0 on several times faster, and as exact as most training needs, as
 *   torch.backends.cuda.matmul.allow_tf32 and cudnn.allow_tf32 have it. Elsewhere it is float32.
 * - `"bfloat16"`: what torch.autocast does, op by op. Products, convolutions and their gradients take and give bfloat16, what is
 *   between them takes what comes, and what sums many numbers, losses, softmax and layer norm are in float32. Weights, what the
 *   optimizer keeps and gradients stay float32, and results are read as float32. A card from compute capability 8.0 on needs
 *   half the memory and a fraction of the time; on a CPU the numbers are the same but nothing is faster.
 *
 * Choose before the first computation where you can: a card keeps the algorithm that it found for a shape. bfloat16 holds for
 * all that is computed with tensors meanwhile, your own products too. Features that `fit` and studies keep are never taken from
 * one precision into another; a training that runs goes on with those that it has.
 *
 * @throws RangeError when it is no precision; Error where what computes cannot do it: wasm, webgpu and cpu know float32 alone
 *
 * @example
 * ```ts
 * import { engine, precision, usePrecision } from "thaw";
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 *
 * if (engine().backend === "tensorflow") {
 *   usePrecision("bfloat16");
 *   assertEquals((await tf.matMul([[1 + 1 / 256]], [[1]]).data())[0], 1); // 1/256 is the ninth place
 *   usePrecision("float32");
 * }
 * assertEquals(precision(), "float32");
 * ```
 */
export function usePrecision(precision: Precision): void {
  const wanted = checked(precision, "usePrecision");
  if (inUse) set(inUse, wanted);
  current = wanted;
}

/** What notes of a computation say about precision: nothing in the usual one, so that older notes stay what they are. */
export function precisionNote(): { precision?: Precision } {
  return current === "float32" ? {} : { precision: current };
}

/** Takes `THAW_PRECISION` for the precision, before any rung is there. @throws RangeError when it holds something else */
export function readPrecision(): void {
  current = checked(Deno.env.get("THAW_PRECISION")?.trim() || "float32", "THAW_PRECISION");
}

/** Lets a rung that is to compute from here on do so in the precision in use. @throws Error where it cannot */
export function keepPrecision(rung: PreciseRung): void {
  set(rung, current);
  inUse = rung;
}

function set(rung: PreciseRung, wanted: Precision): void {
  if (rung.setPrecision) return rung.setPrecision(wanted);
  if (wanted === "float32") return;
  throw new Error(
    `Cannot compute in ${wanted} on ${rung.name}: it knows float32 alone; useEngine("tensorflow"), or stay with ` +
      'usePrecision("float32")',
  );
}

function checked(text: string, by: string): Precision {
  if (PRECISIONS.includes(text as Precision)) return text as Precision;
  const names = PRECISIONS.map((name) => `"${name}"`).join(", ");
  throw new RangeError(
    `Cannot compute in a precision (${by}): expected one of ${names}, found ${JSON.stringify(text)}`,
  );
}
