import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/types.ts";
import { CrossEntropyLoss, inMode, type Module } from "../nn/mod.ts";
import { countRight } from "./evaluate.ts";
import { computeGradients } from "./gradients.ts";
import type { Optimizer } from "./optimizer.ts";

/** How a batch becomes logits: what is frozen below without a tape, what trains above it with one. */
export interface Computation {
  readonly below?: (x: tf.Tensor) => tf.Tensor;
  readonly above: (x: tf.Tensor) => tf.Tensor;
  readonly data: { name: string; classes: readonly string[] };
}

/**
 * One step: logits, loss, gradients, and the optimizer's change. Takes the batch over and disposes of it.
 *
 * @throws {Error} where the loss is no longer a number; this step changes no weights then
 */
export async function trainStep(
  model: Module,
  { below, above, data }: Computation,
  batch: Batch,
  optimizer: Optimizer,
  where: { epoch: number; batch: number },
): Promise<{ loss: number; right: number }> {
  const right: tf.Scalar[] = [];
  // Nothing is awaited while the network is in training mode: other cells may evaluate it between two steps.
  const { loss, gradients } = inMode(
    model,
    true,
    () =>
      computeWith(batch, below, (input) =>
        computeGradients(optimizer.parameters(), () => {
          const logits = above(input);
          checkLogits(model, logits, data);
          right.push(tf.keep(countRight(logits, batch.labels)));
          return new CrossEntropyLoss().forward(logits, batch.labels);
        })),
  );
  const scores = tf.stack([loss, ...right]);
  tf.dispose([loss, right]);
  const [value, count] = await scores.data();
  scores.dispose();
  try {
    if (!Number.isFinite(value)) {
      const rate = optimizer.groups[0].learningRate;
      throw new Error(
        `Cannot go on training: the loss became ${value} at batch ${where.batch} of epoch ${where.epoch}; ` +
          `lower the learning rate (it is ${rate}), or look for broken samples in that batch`,
      );
    }
    optimizer.step(gradients);
  } finally {
    tf.dispose(gradients.filter((gradient) => gradient !== undefined));
  }
  return { loss: value, right: count };
}

/** Computes with a batch's input and disposes of the batch, whatever happens. */
function computeWith<T>(
  { images, labels }: Batch,
  below: Computation["below"],
  compute: (input: tf.Tensor) => T,
): T {
  const input = below ? tf.tidy(() => below(images)) : images;
  try {
    return compute(input);
  } finally {
    tf.dispose([images, labels, input]);
  }
}

function checkLogits(model: Module, logits: tf.Tensor, { name, classes }: Computation["data"]): void {
  if (logits.rank === 2 && logits.shape[1] === classes.length) return;
  throw new TypeError(
    `Cannot train ${model.constructor.name} on ${name}: expected ${classes.length} outputs, one for each class, ` +
      `found ${logits.rank === 2 ? logits.shape[1] : `[${logits.shape.join(", ")}]`}; give the network a new head, ` +
      `such as model.fc = new nn.Linear(model.fc.inFeatures, ${classes.length})`,
  );
}
