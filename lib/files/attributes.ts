import * as models from "../models/mod.ts";
import * as nn from "../nn/mod.ts";
import { Float, type PythonValue, size, tuple } from "./python_values.ts";

/** What a layer of torch.nn has among its attributes, from one of ours: all that torch's forward and print look at. */
export type ToPython = Readonly<Record<string, PythonValue>>;

// deno-lint-ignore no-explicit-any
type Writer<M extends nn.Module = any> = (layer: M) => ToPython;

const inplace: Writer<nn.ReLU> = ({ inplace }) => ({ inplace });
const nothing: Writer = () => ({});
const dropout: Writer<nn.DropoutLayer> = ({ p, inplace }) => ({ p: new Float(p), inplace });
const linear: Writer<nn.Linear> = ({ inFeatures, outFeatures }) => ({
  in_features: inFeatures,
  out_features: outFeatures,
});

const conv2d: Writer<nn.Conv2d> = (conv) => {
  const [vertical, horizontal] = typeof conv.padding === "string" ? sameSides(conv) : sides(conv.padding);
  return {
    in_channels: conv.inChannels,
    out_channels: conv.outChannels,
    kernel_size: tuple(conv.kernelSize),
    stride: tuple(conv.stride),
    padding: typeof conv.padding === "string" ? conv.padding : tuple(sides(conv.padding)),
    dilation: tuple(conv.dilation),
    transposed: false,
    output_padding: tuple([0, 0]),
    groups: conv.groups,
    padding_mode: "zeros",
    // From the last axis to the first, both ends of each: what torch hands on to its pad.
    _reversed_padding_repeated_twice: [...ends(horizontal), ...ends(vertical)],
  };
};

const layerNorm: Writer<nn.LayerNorm> = ({ normalizedShape, eps, weight }) => ({
  normalized_shape: tuple(normalizedShape),
  eps: new Float(eps),
  elementwise_affine: weight !== null,
});

const attention: Writer<nn.MultiheadAttention> = ({ embedDim, numHeads, dropout }) => ({
  embed_dim: embedDim,
  kdim: embedDim,
  vdim: embedDim,
  _qkv_same_embed_dim: true,
  num_heads: numHeads,
  dropout: new Float(dropout),
  batch_first: true,
  head_dim: embedDim / numHeads,
  bias_k: null,
  bias_v: null,
  add_zero_attn: false,
});

/** The attributes of each layer, by its class here. */
export const writers: ReadonlyMap<unknown, Writer> = new Map<unknown, Writer>([
  [nn.Conv2d, conv2d],
  [nn.Linear, linear],
  [nn.BatchNorm2d, ({ numFeatures, eps, momentum }: nn.BatchNorm2d) => ({
    num_features: numFeatures,
    eps: new Float(eps),
    momentum: momentum === null ? null : new Float(momentum),
    affine: true,
    track_running_stats: true,
  })],
  [nn.LayerNorm, layerNorm],
  [nn.MultiheadAttention, attention],
  [nn.MaxPool2d, ({ kernelSize, stride, padding, ceilMode }: nn.MaxPool2d) => ({
    kernel_size: size(kernelSize),
    stride: size(stride),
    padding: size(padding),
    dilation: 1,
    return_indices: false,
    ceil_mode: ceilMode,
  })],
  [nn.AvgPool2d, ({ kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }: nn.AvgPool2d) => ({
    kernel_size: size(kernelSize),
    stride: size(stride),
    padding: size(padding),
    ceil_mode: ceilMode,
    count_include_pad: countIncludePad,
    divisor_override: divisorOverride ?? null,
  })],
  [nn.AdaptiveAvgPool2d, ({ outputSize }: nn.AdaptiveAvgPool2d) => ({ output_size: size(outputSize) })],
  [nn.Dropout, dropout],
  [nn.Dropout2d, dropout],
  [nn.AlphaDropout, dropout],
  [nn.ReLU, inplace],
  [nn.ReLU6, ({ inplace }: nn.ReLU6) => ({ min_val: new Float(0), max_val: new Float(6), inplace })],
  [nn.SELU, inplace],
  [nn.SiLU, inplace],
  [nn.Hardswish, inplace],
  [nn.Hardsigmoid, inplace],
  [nn.LeakyReLU, ({ negativeSlope, inplace }: nn.LeakyReLU) => ({
    negative_slope: new Float(negativeSlope),
    inplace,
  })],
  [nn.GELU, ({ approximate }: nn.GELU) => ({ approximate })],
  [nn.Flatten, () => ({ start_dim: 1, end_dim: -1 })],
  [nn.Sigmoid, nothing],
  [nn.Tanh, nothing],
  [nn.Identity, nothing],
  [nn.Sequential, nothing],
  [nn.ModuleList, nothing],
  [models.StochasticDepth, ({ p, mode }: models.StochasticDepth) => ({ p: new Float(p), mode })],
]);

/** What ours have among their own attributes besides those of torchvision's networks, by the class's name in Python. */
// deno-lint-ignore no-explicit-any
export const completers: Readonly<Record<string, (module: any, attributes: ReadonlyMap<string, any>) => void>> = {
  "torchvision.models.maxvit.PartitionAttentionLayer": ({ partition_op, departition_op, gridSize }, attributes) => {
    const size = attributes.get("p");
    Object.assign(partition_op, { size });
    Object.assign(departition_op, { size, rows: gridSize[0] / size, columns: gridSize[1] / size });
  },
  "torchvision.models.maxvit.RelativePositionalMultiHeadAttention": (module, attributes) => {
    module.featDim = attributes.get("n_heads") * attributes.get("head_dim");
  },
};

/** What networks of torchvision look at in Python besides what ours have among their own attributes. */
export const further: Readonly<Record<string, Writer>> = {
  "torchvision.models.inception.Inception3": ({ AuxLogits }) => ({ aux_logits: AuxLogits !== null }),
  "torchvision.models.googlenet.GoogLeNet": ({ aux1 }) => ({ aux_logits: aux1 !== null }),
  "torchvision.models.densenet._DenseLayer": () => ({ memory_efficient: false }),
  "torchvision.models.maxvit.PartitionAttentionLayer": ({ gridSize, partition_op }) => ({
    p: partition_op.size,
    g: gridSize[0] / partition_op.size,
  }),
  "torchvision.models.maxvit.RelativePositionalMultiHeadAttention": ({ featDim, headDim, maxSeqLen }) => ({
    n_heads: featDim / headDim,
    size: Math.sqrt(maxSeqLen),
    scale_factor: new Float(featDim ** -0.5),
  }),
};

function sides(padding: nn.Size2d): readonly [number, number] {
  return typeof padding === "number" ? [padding, padding] : padding;
}

/** The zeros of `"same"` along an axis, less before than after; of `"valid"` none. */
function sameSides({ padding, kernelSize, dilation }: nn.Conv2d): [[number, number], [number, number]] {
  const along = (axis: number): [number, number] => {
    const total = padding === "same" ? dilation[axis] * (kernelSize[axis] - 1) : 0;
    return [total >> 1, total - (total >> 1)];
  };
  return [along(0), along(1)];
}

function ends(side: number | readonly [number, number]): readonly number[] {
  return typeof side === "number" ? [side, side] : side;
}
