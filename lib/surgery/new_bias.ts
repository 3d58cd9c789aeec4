import { constant } from "../nn/init.ts";
import { type Conv2d, Parameter } from "../nn/mod.ts";

/** A bias of zeros for a convolution that has none; it trains if the weight does. */
export function newBias(conv: Conv2d): Parameter {
  const bias = new Parameter([conv.outChannels], constant(0));
  bias.requiresGrad = conv.weight.requiresGrad;
  return bias;
}
