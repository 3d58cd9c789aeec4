import * as nn from "../../nn/mod.ts";

/**
 * Layer normalization over the channels of feature maps `[N, H, W, C]`, pixel by pixel: torchvision's LayerNorm2d. There it moves
 * the channels to the end first; here they are there already.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log(String(new models.LayerNorm2d(96))); // LayerNorm2d((96,), eps=1e-05, elementwise_affine=True, bias=True)
 * ```
 */
export class LayerNorm2d extends nn.LayerNorm {}
