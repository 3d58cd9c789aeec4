import * as tf from "@tensorflow/tfjs";
import { bool, ints, NHWC, type OpAttribute, type OpRunner, registerKernel, run, string, type } from "./op.ts";

interface ConvAttributes {
  stride: [number, number];
  dilation: [number, number];
  padding: "SAME" | "VALID";
}

/**
 * Convolution whose gradients are computed only for the inputs that something asks for: the first layer's input and
 * frozen filters cost nothing. Groups follow from the filter's third dimension, as in TensorFlow's Conv2D itself.
 */
export function registerConv2d(): void {
  registerKernel<ConvAttributes>("ThawConv2D", (backend, { x, filter }, attributes) => {
    if (!isDepthwise(x, filter, attributes)) {
      return backend.executeSingleOutput("Conv2D", dense(attributes), [x, filter]);
    }
    const taps = filter.reshape(depthwiseShape(x, filter));
    return backend.executeSingleOutput("DepthwiseConv2dNative", common(attributes), [x, taps]);
  });
  registerKernel<ConvAttributes>("ThawConv2DInputGradient", (backend, { x, filter, dy }, attributes) => {
    const size = tf.tensor1d(x.shape, "int32");
    if (!isDepthwise(x, filter, attributes)) {
      return backend.executeSingleOutput("Conv2DBackpropInput", dense(attributes), [size, filter, dy]);
    }
    const inputs = [size, filter.reshape(depthwiseShape(x, filter)), dy];
    return backend.executeSingleOutput("DepthwiseConv2dNativeBackpropInput", common(attributes), inputs);
  });
  registerKernel<ConvAttributes>("ThawConv2DFilterGradient", (backend, { x, filter, dy }, attributes) => {
    if (!isDepthwise(x, filter, attributes)) return filterGradient(backend, x, filter, dy, attributes);
    const inputs = [x, tf.tensor1d(depthwiseShape(x, filter), "int32"), dy];
    const taps = backend.executeSingleOutput("DepthwiseConv2dNativeBackpropFilter", common(attributes), inputs);
    return taps.reshape(filter.shape);
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

function filterGradient(
  backend: OpRunner,
  x: tf.Tensor,
  filter: tf.Tensor,
  dy: tf.Tensor,
  attributes: ConvAttributes,
): tf.Tensor {
  const inputs = [x, tf.tensor1d(filter.shape, "int32"), dy];
  return backend.executeSingleOutput("Conv2DBackpropFilter", dense(attributes), inputs);
}

/** A filter over one input channel each: TensorFlow has ops of its own for it, where strides are equal. */
function isDepthwise(x: tf.Tensor, filter: tf.Tensor, { stride, dilation }: ConvAttributes): boolean {
  return filter.shape[2] === 1 && x.shape[3]! > 1 && stride[0] === stride[1] && dilation[0] === 1 && dilation[1] === 1;
}

/** `[kh, kw, 1, C · m]` and TensorFlow's `[kh, kw, C, m]` are the same numbers in the same order. */
function depthwiseShape(x: tf.Tensor, filter: tf.Tensor): [number, number, number, number] {
  const channels = x.shape[3]!;
  return [filter.shape[0], filter.shape[1]!, channels, filter.shape[3]! / channels];
}

function common({ stride, dilation, padding }: ConvAttributes): OpAttribute[] {
  return [
    type("T"),
    ints("strides", [1, ...stride, 1]),
    string("padding", padding),
    NHWC,
    ints("dilations", [1, ...dilation, 1]),
  ];
}

function dense(attributes: ConvAttributes): OpAttribute[] {
  return [...common(attributes), bool("use_cudnn_on_gpu", true)];
}
