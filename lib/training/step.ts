import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/types.ts";
import { gatherRows } from "../engine/ops/gather_rows.ts";
import { type CrossEntropyLoss, inMode, type Module, type Outputs, type Parameter } from "../nn/mod.ts";
import { checkAuxiliary } from "./auxiliary.ts";
import { countRight } from "./evaluate.ts";
import { computeGradients, type Gradients } from "./gradients.ts";
import { drawMix, type Mix, mixSamples, mixTargets } from "./mixup.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Updates } from "./updates.ts";

/** How a batch becomes logits: what is frozen below without a tape, what trains above it with one. */
export interface Computation {
  readonly below?: (x: tf.Tensor) => tf.Tensor;
  readonly above: (x: tf.Tensor) => Outputs;
  readonly data: { name: string; classes: readonly string[] };
  readonly criterion: CrossEntropyLoss;
  /** How samples are mixed (mixup's α), where they are. */
  readonly mixup?: number;
}

/**
 * One step: logits, loss, gradients, and the optimizer's change. Takes the batch over and disposes of it. Of mixed samples
 * each of the two classes counts by its share; to the loss comes that of auxiliary heads, by their weights.
 *
 * Nothing is read from the engine but the loss, once, and nothing is brought to it but the batch: a card is never waited for
 * in between.
 *
 * @param meanwhile is called when all is under way that the loss comes from, and before that is waited for
 * @returns a loss that may be no number any more; the step has changed no weights then
 */
export async function trainStep(
  model: Module,
  { below, above, data, criterion, mixup }: Computation,
  batch: Batch,
  updates: Updates,
  where: { seed: number; epoch: number; batch: number },
  meanwhile?: () => Promise<void>,
): Promise<{ loss: number; right: number }> {
  const counts: tf.Scalar[] = [];
  const mix = mixup ? mixOf(batch, mixup, where) : undefined;
  const ofLabels = (compute: (labels: tf.Tensor1D) => tf.Scalar) =>
    mix ? mixTargets(batch.labels, mix.others, mix.share, compute) : compute(batch.labels);
  // Nothing is awaited while the network is in training mode: other cells may evaluate it between two steps.
  const compute = () =>
    computeWith(batch, mix, below, (input) =>
      gradientsOf(updates.optimizer.parameters(), () => {
        const { logits, auxiliary } = above(input);
        checkLogits(model, logits, data);
        auxiliary.forEach((head) => checkAuxiliary(model, head, data));
        counts.push(tf.keep(ofLabels((labels) => countRight(logits, labels))));
        if (criterion.weight) counts.push(tf.keep(ofLabels((labels) => criterion.weigh(labels))));
        const lossOf = (logits: tf.Tensor) => ofLabels((labels) => criterion.forward(logits, labels));
        return auxiliary.reduce(
          (sum, head) => tf.add(sum, tf.mul(lossOf(head.logits), head.weight)),
          lossOf(logits),
        );
      }));
  const { loss, gradients } = orDispose(counts, () => inMode(model, true, compute));
  const scores = tf.stack([loss, ...counts]);
  tf.dispose([loss, counts]);
  await meanwhile?.();
  const [value, right, weight = batch.indices.length] = await scores.data();
  scores.dispose();
  if (Number.isFinite(value)) updates.add(gradients, weight);
  else tf.dispose(gradients.filter((gradient) => gradient !== undefined));
  return { loss: value, right };
}

/** @throws {Error} where the loss of a step is no longer a number */
export function expectFinite(loss: number, { groups }: Optimizer, where: { epoch: number; batch: number }): void {
  if (Number.isFinite(loss)) return;
  throw new Error(
    `Cannot go on training: the loss became ${loss} at batch ${where.batch} of epoch ${where.epoch}; ` +
      `lower the learning rate (it is ${groups[0].learningRate}), or look for broken samples in that batch`,
  );
}

/** Gradients in the order of the parameters; those that are frozen get none, and have no part in a norm. */
function gradientsOf(parameters: readonly Parameter[], loss: () => tf.Scalar): Gradients {
  const computed = computeGradients(parameters.filter(({ requiresGrad }) => requiresGrad), loss);
  let next = 0;
  const gradients = parameters.map(({ requiresGrad }) => requiresGrad ? computed.gradients[next++] : undefined);
  return { loss: computed.loss, gradients };
}

/** How a batch is mixed, with the labels of each sample's partner. */
function mixOf(
  { labels, indices }: Batch,
  alpha: number,
  where: { seed: number; epoch: number; batch: number },
): Mix & { others: tf.Tensor1D } {
  const mix = drawMix(alpha, indices.length, where);
  return { ...mix, others: gatherRows(labels, mix.partners) };
}

/** Computes with a batch's input and disposes of the batch, whatever happens. */
function computeWith<T>(
  { images, labels }: Batch,
  mix: Mix & { others: tf.Tensor1D } | undefined,
  below: Computation["below"],
  compute: (input: tf.Tensor) => T,
): T {
  const held: tf.Tensor[] = [images, labels, ...(mix ? [mix.others] : [])];
  try {
    const mixed = mix ? mixSamples(images, mix) : images;
    held.push(mixed);
    const input = below ? tf.tidy(() => below(mixed)) : mixed;
    held.push(input);
    return compute(input);
  } finally {
    tf.dispose(held);
  }
}

/** What `compute` gives; where it fails, as for want of memory on a card, tensors that were to be read then are disposed of. */
function orDispose<T>(tensors: tf.Tensor[], compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    tf.dispose(tensors);
    throw error;
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
