import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { checkOptions } from "./check_options.ts";
import { classWeights, type CrossEntropyOptions, weightedCrossEntropy } from "./weighted_cross_entropy.ts";

/**
 * The mean cross entropy of a batch, from logits: torch.nn.CrossEntropyLoss, with its `weight` and
 * `labelSmoothing`. Not a module here: a loss has no state and takes
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
  readonly weight?: readonly number[];
  readonly labelSmoothing: number;

  /** @throws {TypeError} or {RangeError} naming the option that cannot be */
  constructor(options: CrossEntropyOptions = {}) {
    checkOptions("make CrossEntropyLoss", options, ["weight", "labelSmoothing"]);
    const { weight, labelSmoothing = 0 } = options;
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new RangeError(
        `Cannot make CrossEntropyLoss: expected labelSmoothing to be a share from 0 to 1, found ${labelSmoothing}`,
      );
    }
    const wrong = weight?.find((one) => !(one >= 0 && Number.isFinite(one)));
    if (wrong !== undefined) {
      throw new RangeError(`Cannot make CrossEntropyLoss: expected weights that are numbers ≥ 0, found ${wrong}`);
    }
    this.weight = weight && [...weight];
    this.labelSmoothing = labelSmoothing;
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
    const { weight, labelSmoothing } = this;
    if (weight && weight.length !== logits.shape[1]) {
      throw new TypeError(
        `Cannot compute the cross entropy: expected ${logits.shape[1]} class weights, one for each logit, ` +
          `found ${weight.length}`,
      );
    }
    const [scores, right] = [logits as tf.Tensor2D, labels as tf.Tensor1D];
    return weight || labelSmoothing
      ? tf.tidy(() => weightedCrossEntropy(scores, right, { weight, labelSmoothing }))
      : tf.tidy(() => tf.mean(sparseCrossEntropy(scores, right)));
  }

  /** The sum of the labels' class weights, by which `forward` divides: how much a batch counts beside others. */
  weigh(labels: tf.Tensor1D): tf.Scalar {
    const { weight } = this;
    return tf.tidy(() => weight ? tf.sum(tf.gather(classWeights(weight), labels)) : tf.scalar(labels.shape[0]));
  }

  toString(): string {
    return "CrossEntropyLoss()"; // torch does not print its options either
  }
}
