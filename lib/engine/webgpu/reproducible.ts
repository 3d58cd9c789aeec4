import * as tf from "@tensorflow/tfjs";

/** tfjs's setting for how a product of matrices is computed, what it means by leaving the choice to itself, and by small tiles. */
const PROGRAM = "WEBGPU_MATMUL_PROGRAM_TYPE", TFJS_CHOOSES = -1, SMALL_TILES = 2;

/** From so many products in one sum tfjs may split it, where the results take at most so many tiles. */
const LONG = 2000, FEW_TILES = 32;

/** The sizes of a product of matrices: `[rows, inner]` by `[inner, columns]`. */
interface Sizes {
  rows: number;
  columns: number;
  inner: number;
}

/**
 * Makes products of matrices come out the same every time. For few results of long sums tfjs shares each sum out among groups
 * that add their part in the order in which they happen to be done, so that the last bits differ from run to run. These are
 * computed in small tiles instead, as tfjs does with shorter sums.
 */
export function makeReproducible(): void {
  const sizes: Record<string, (inputs: tf.NamedTensorInfoMap, attributes: Record<string, unknown>) => Sizes> = {
    BatchMatMul: sizesOfProduct,
    _FusedMatMul: sizesOfProduct,
    Conv2D: sizesOfConvolution,
    FusedConv2D: sizesOfConvolution,
  };
  for (const [name, sizesOf] of Object.entries(sizes)) {
    const kernel = tf.getKernel(name, "webgpu");
    tf.unregisterKernel(name, "webgpu");
    tf.registerKernel({
      ...kernel,
      kernelFunc(call) {
        if (!mayBeSplit(sizesOf(call.inputs, call.attrs ?? {}))) return kernel.kernelFunc(call);
        tf.env().set(PROGRAM, SMALL_TILES);
        try {
          return kernel.kernelFunc(call);
        } finally {
          tf.env().set(PROGRAM, TFJS_CHOOSES);
        }
      },
    });
  }
}

function mayBeSplit({ rows, columns, inner }: Sizes): boolean {
  return inner >= LONG && Math.ceil(rows / 32) * Math.ceil(columns / 32) <= FEW_TILES;
}

function sizesOfProduct({ a, b }: tf.NamedTensorInfoMap, { transposeA, transposeB }: Record<string, unknown>): Sizes {
  const [rows, inner] = transposeA ? [a!.shape.at(-1)!, a!.shape.at(-2)!] : [a!.shape.at(-2)!, a!.shape.at(-1)!];
  return { rows, inner, columns: transposeB ? b!.shape.at(-2)! : b!.shape.at(-1)! };
}

/** At least so many rows: padding adds to them. */
function sizesOfConvolution({ x, filter }: tf.NamedTensorInfoMap, { strides }: Record<string, unknown>): Sizes {
  const [height, width, channels, columns] = filter!.shape;
  const [down, across] = Array.isArray(strides) ? strides : [strides, strides];
  const cells = (size: number, kernel: number, stride: number) => Math.max(1, Math.floor((size - kernel) / stride) + 1);
  const rows = cells(x!.shape[1], height, down) * cells(x!.shape[2], width, across);
  return { rows, columns, inner: height * width * channels };
}
