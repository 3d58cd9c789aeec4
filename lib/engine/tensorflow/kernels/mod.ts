import { registerActivations } from "./activations.ts";
import { registerAttention } from "./attention.ts";
import { registerBatchNorm } from "./batch_norm.ts";
import { registerConv2d } from "./conv2d.ts";
import { registerCrossEntropy } from "./cross_entropy.ts";
import { registerGather } from "./gather.ts";
import { registerLayerNorm } from "./layer_norm.ts";
import { registerLinear } from "./linear.ts";
import { registerMaxPool } from "./max_pool.ts";
import { registerFusion } from "./fusion.ts";
import type { OpRunner } from "./op.ts";
import { registerOwnMemory } from "./own_memory.ts";
import { registerPad } from "./pad.ts";
import { registerPlacement } from "./placement.ts";
import { registerRandomUniform } from "./random_uniform.ts";
import { registerUpdates } from "./update.ts";
import { registerWiden } from "./widen.ts";

/**
 * Registers our kernels and gradients with tfjs, in place of its own where those are slow, wrong or missing. Called once,
 * when TensorFlow is the backend in use: some of them are tried out first.
 */
export function registerKernels(backend: OpRunner): void {
  registerConv2d(backend);
  registerFusion();
  registerGather();
  registerAttention(backend);
  registerMaxPool(backend);
  registerBatchNorm(backend);
  registerActivations(backend);
  registerLayerNorm(backend);
  registerLinear(backend);
  registerCrossEntropy();
  registerOwnMemory();
  registerPad();
  registerPlacement();
  registerRandomUniform();
  registerUpdates();
  registerWiden();
}
