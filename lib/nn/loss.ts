import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { checkOptions } from "./check_options.ts";

/**
 * The mean cross entropy of a batch, from logits: torch.nn.CrossEntropyLoss. Not a module here: a loss has no state and takes
 * two inputs.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const loss = new nn.CrossEntropyLoss().forward(tf.tensor2d([[2, 0], [0, 2]]), tf.tensor1d([0, 1], "int32"));
 * console.log((await loss.data())[0].toFixed(4)); // 0.1269
 * ```
 */
export class CrossEntropyLoss {
  /** @throws {TypeError} where one of torch's options is given: there are none here */
  constructor(...none: never[]) {
    if (none.length) checkOptions("make CrossEntropyLoss", none[0], []);
  }

  /**
   * @param logits `[N, classes]`
   * @param labels `[N]` int32
   * @returns a scalar, in nats
   * @throws {TypeError} where the shapes do not fit together or the labels are no int32
   */
  forward(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
    if (logits.rank !== 2 || labels.rank !== 1 || logits.shape[0] !== labels.shape[0]) {
      throw new TypeError(
        `Cannot compute the cross entropy: expected logits [N, classes] and labels [N], ` +
          `found [${logits.shape.join(", ")}] and [${labels.shape.join(", ")}]`,
      );
    }
    if (labels.dtype !== "int32") {
      throw new TypeError(`Cannot compute the cross entropy: expected labels of int32, found ${labels.dtype}`);
    }
    return tf.tidy(() => tf.mean(sparseCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D)));
  }

  toString(): string {
    return "CrossEntropyLoss()";
  }
}
