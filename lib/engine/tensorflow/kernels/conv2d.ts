import * as tf from "@tensorflow/tfjs";
import { pad2d } from "../../ops/conv2d.ts";
import {
  type ConvAttributes,
  denseAttributes,
  depthwiseAttributes,
  depthwiseShape,
  isDepthwise,
  isPlain,
  type PaddingMode,
  paddingMode,
} from "./conv_geometry.ts";
import { canFuse } from "./deferred.ts";
import { deferConv } from "./deferred_conv.ts";
import { denseOps, depthwiseOps } from "./conv_ops.ts";
import { type OpRunner, registerKernel, run } from "./op.ts";
import { hasGeneralGradients, splitFilterGradient, splitInputGradient } from "./split_conv.ts";

/**
 * Convolution whose gradients are computed only for the inputs that something asks for: the first layer's input and
 * frozen filters cost nothing. Groups follow from the filter's third dimension, as in TensorFlow's Conv2D itself.
 *
 * While nothing is being differentiated the convolution waits for what comes next; see deferred.ts.
 */
export function registerConv2d(backend: OpRunner): void {
  const fuses = canFuse(backend, "Conv2D", true, { name: "Relu" });
  const dense = denseOps(backend);
  const depthwise = depthwiseOps(backend);
  const general = hasGeneralGradients(backend, dense);
  registerKernel<ConvAttributes>("ThawConv2D", (backend, { x, filter }, attributes) => {
    const differentiating = tf.engine().state.gradientDepth > 0;
    if (fuses && !differentiating) return deferConv(backend, x, filter, attributes);
    const mode = paddingMode(x.shape, filter.shape, attributes);
    if (!isDepthwise(x.shape, filter.shape, attributes)) {
      return dense.forward(backend, denseAttributes(attributes, mode), [x, filter])[0];
    }
    const [input, native] = padded(x, attributes, mode);
    const taps = filter.reshape(depthwiseShape(x.shape, filter.shape));
    return depthwise.forward(backend, depthwiseAttributes(attributes, native), [input, taps])[0];
  });

  registerKernel<ConvAttributes>("ThawConv2DInputGradient", (backend, { x, filter, dy }, attributes) => {
    const mode = paddingMode(x.shape, filter.shape, attributes);
    const [top, bottom, left, right] = attributes.padding;
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const grown = [n, height + top + bottom, width + left + right, channels];
    const shape = mode === "EXPLICIT" ? grown : x.shape;
    const native = mode === "EXPLICIT" ? "VALID" : mode;
    const gradient = () => {
      const size = tf.tensor1d(shape, "int32");
      if (isDepthwise(x.shape, filter.shape, attributes)) {
        const inputs = [size, filter.reshape(depthwiseShape(x.shape, filter.shape)), dy];
        return depthwise.inputGradient(backend, depthwiseAttributes(attributes, native), inputs)[0];
      }
      if (isProduct(x.shape, filter.shape, attributes)) return productGradient(filter, dy);
      if (!general && !isPlain(x.shape, filter.shape, attributes)) {
        return splitInputGradient(backend, shape, filter, dy, attributes, native);
      }
      return dense.inputGradient(backend, denseAttributes(attributes, native), [size, filter, dy])[0];
    };
    return mode === "EXPLICIT" ? tf.slice(gradient(), [0, top, left, 0], x.shape) : gradient();
  });

  registerKernel<ConvAttributes>("ThawConv2DFilterGradient", (backend, { x, filter, dy }, given) => {
    const [whole, native] = padded(x, given, paddingMode(x.shape, filter.shape, given));
    const [input, attributes] = skipsPixels(filter.shape, given) ? thinned(whole, given) : [whole, given];
    if (!isDepthwise(x.shape, filter.shape, attributes)) {
      if (!general && !isPlain(x.shape, filter.shape, attributes)) {
        return splitFilterGradient(backend, input, filter.shape, dy, attributes, native);
      }
      const inputs = [input, tf.tensor1d(filter.shape, "int32"), dy];
      return dense.filterGradient(backend, denseAttributes(attributes, native), inputs)[0];
    }
    const inputs = [input, tf.tensor1d(depthwiseShape(x.shape, filter.shape), "int32"), dy];
    const op = "DepthwiseConv2dNativeBackpropFilter";
    return backend.executeSingleOutput(op, depthwiseAttributes(attributes, native), inputs).reshape(filter.shape);
  });

  tf.registerGradient({
    kernelName: "ThawConv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], attributes) => ({
      x: () => run("ThawConv2DInputGradient", { x, filter, dy }, attributes),
      filter: () => run("ThawConv2DFilterGradient", { x, filter, dy }, attributes),
    }),
  });
}

/** Whether a convolution looks at single pixels, all of them: then it is a product of matrices. */
function isProduct(x: number[], [kh, kw, channels]: number[], { stride, padding }: ConvAttributes): boolean {
  return kh === 1 && kw === 1 && channels === x[3] && stride.every((step) => step === 1) &&
    padding.every((zeros) => zeros === 0);
}

/** The input gradient of such a convolution: 2 to 6 times as fast as by TensorFlow's op for any convolution. */
function productGradient(filter: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const [channels, out] = filter.shape.slice(2) as [number, number];
  const slopes = tf.matMul(
    dy.reshape<tf.Tensor2D>([-1, out]),
    filter.reshape<tf.Tensor2D>([channels, out]),
    false,
    true,
  );
  return slopes.reshape([...dy.shape.slice(0, 3), channels]);
}

/** The input with its explicit zeros in place, and the mode that is left to say. */
function padded(x: tf.Tensor, { padding }: ConvAttributes, mode: PaddingMode): [tf.Tensor, "SAME" | "VALID"] {
  return mode === "EXPLICIT" ? [pad2d(x as tf.Tensor4D, padding), "VALID"] : [x, mode];
}

/** Whether single pixels are looked at, not all of them: oneDNN's filter gradient is wrong there on some processors. */
function skipsPixels([kh, kw]: number[], { stride }: ConvAttributes): boolean {
  return kh === 1 && kw === 1 && stride.some((step) => step > 1);
}

/** The pixels that are looked at, and the convolution that looks at each of them. */
function thinned(x: tf.Tensor, attributes: ConvAttributes): [tf.Tensor, ConvAttributes] {
  const pixels = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, ...attributes.stride, 1]);
  return [pixels, { ...attributes, stride: [1, 1] }];
}
