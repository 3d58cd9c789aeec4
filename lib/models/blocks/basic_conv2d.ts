import type * as tf from "@tensorflow/tfjs";
import * as nn from "../../nn/mod.ts";

/** A convolution without bias, batch norm and relu: what googlenet and inception_v3 are made of. */
export class BasicConv2d extends nn.Module {
  conv: nn.Conv2d;
  bn: nn.Module;

  /** @param options the convolution's */
  constructor(inChannels: number, outChannels: number, kernelSize: nn.Size2d, options: nn.Conv2dOptions = {}) {
    super();
    this.conv = new nn.Conv2d(inChannels, outChannels, kernelSize, { ...options, bias: false });
    this.bn = new nn.BatchNorm2d(outChannels, { eps: 0.001 });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.functional.relu(this.bn.forward(this.conv.forward(x)));
  }
}
