import { samePadding } from "../../ops/conv2d.ts";
import { bool, ints, NHWC, type OpAttribute, string, type } from "./op.ts";

/** How a convolution walks, as our kernels' attributes say it. */
export interface ConvAttributes {
  stride: [number, number];
  dilation: [number, number];
  /** Zeros around the input: `[top, bottom, left, right]`. */
  padding: [number, number, number, number];
}

/**
 * How TensorFlow is told the padding. `EXPLICIT` is for the forward direction of dense convolutions only: its gradients
 * are several times slower (oneDNN steps aside), and the depthwise ops do not know it.
 */
export type PaddingMode = "SAME" | "VALID" | "EXPLICIT";

/** The mode that says exactly this padding. */
export function paddingMode(x: number[], filter: number[], { stride, dilation, padding }: ConvAttributes): PaddingMode {
  if (padding.every((p) => p === 0)) return "VALID";
  const vertical = samePadding(x[1], filter[0], stride[0], dilation[0]);
  const horizontal = samePadding(x[2], filter[1], stride[1], dilation[1]);
  return [...vertical, ...horizontal].every((p, i) => p === padding[i]) ? "SAME" : "EXPLICIT";
}

/** The output's shape. */
export function convShape(x: number[], filter: number[], { stride, dilation, padding }: ConvAttributes): number[] {
  const [height, width] = [0, 1].map((axis) => {
    const room = x[axis + 1] + padding[2 * axis] + padding[2 * axis + 1] - (filter[axis] - 1) * dilation[axis] - 1;
    return Math.floor(room / stride[axis]) + 1;
  });
  return [x[0], height, width, filter[3]];
}

/** A filter over one input channel each: TensorFlow has ops of its own for it, where strides are equal. */
export function isDepthwise(x: number[], filter: number[], { stride, dilation }: ConvAttributes): boolean {
  return filter[2] === 1 && x[3] > 1 && stride[0] === stride[1] && dilation[0] === 1 && dilation[1] === 1;
}

/** Neither grouped nor dilated. */
export function isPlain(x: number[], filter: number[], { dilation }: ConvAttributes): boolean {
  return filter[2] === x[3] && dilation[0] === 1 && dilation[1] === 1;
}

/** `[kh, kw, 1, C · m]` and TensorFlow's `[kh, kw, C, m]` are the same numbers in the same order. */
export function depthwiseShape(x: number[], filter: number[]): [number, number, number, number] {
  return [filter[0], filter[1], x[3], filter[3] / x[3]];
}

/** The attributes that the depthwise ops have. */
export function depthwiseAttributes({ stride, dilation }: ConvAttributes, mode: PaddingMode): OpAttribute[] {
  return [
    type("T"),
    ints("strides", [1, ...stride, 1]),
    string("padding", mode),
    NHWC,
    ints("dilations", [1, ...dilation, 1]),
  ];
}

/** The attributes that the dense ops have. */
export function denseAttributes(attributes: ConvAttributes, mode: PaddingMode): OpAttribute[] {
  const explicit = mode === "EXPLICIT" ? [ints("explicit_paddings", [0, 0, ...attributes.padding, 0, 0])] : [];
  return [...depthwiseAttributes(attributes, mode), ...explicit, bool("use_cudnn_on_gpu", true)];
}
