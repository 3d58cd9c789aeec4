import * as tf from "@tensorflow/tfjs";
import type { Dataset, Transforms } from "../data/types.ts";
import { breathe } from "../display/mod.ts";
import { RandomGenerator, withSeed } from "../engine/random.ts";
import { checkOptions } from "../nn/check_options.ts";
import { type DropoutLayer, expectModule, inMode, type Module, runStages } from "../nn/mod.ts";
import type { PredictImages } from "../nn/predict.ts";
import { activeDropout, type NamedDropout, whileDropping } from "./dropout_layers.ts";
import { expectWhole } from "./expect_whole.ts";
import { runTo } from "./feature_maps.ts";
import { MonteCarlo, type MonteCarloSample } from "./monte_carlo_result.ts";
import { type Samples, samplesOf } from "./samples_of.ts";
import { type Uncertainty, uncertaintyOf } from "./uncertainty.ts";

/** Options of {@linkcode monteCarloDropout}. */
export interface MonteCarloOptions {
  /** How often each image is computed with other units dropped; 30, at least 2. */
  passes?: number;
  /** What decides which units are dropped, together with the batch size; 0. */
  seed?: number;
  /** How many images to compute at a time; 32. */
  batchSize?: number;
  /** How many of the most, and of the least certain images to show; 6. */
  count?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
}

/**
 * Monte-Carlo dropout (Gal & Ghahramani 2016, "Dropout as a Bayesian Approximation"): each image is computed many times
 * with dropout on and everything else as in evaluation. The mean of the passes is the prediction, their spread tells how
 * far to trust it.
 *
 * Every dropout layer with a rate above 0 takes part, found by type, **frozen ones too**: frozen means that a training leaves
 * a part alone, and this is asked for by name. Networks whose stages run one by one compute what comes before the first
 * dropout once for all passes. Network and random generator are afterwards as they were.
 *
 * Answers are right or wrong where the network has an output for each of the dataset's classes.
 *
 * @param images a dataset, one picture, several, or a tensor `[N, …]`
 * @throws {TypeError} where the network has no dropout layer that drops anything, or these are no images
 * @throws {RangeError} where a number cannot be
 *
 * @example
 * ```ts
 * import { data, monteCarloDropout, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0]]), [0, 1, 0]);
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(8, 2));
 * const { samples, accuracy } = await monteCarloDropout(net, points, { passes: 10 });
 * console.log(samples[0].mean, samples[0].deviation, samples[0].mutualInformation, accuracy);
 * ```
 */
export async function monteCarloDropout(
  model: Module,
  images: Dataset | PredictImages,
  options: MonteCarloOptions = {},
): Promise<MonteCarlo> {
  const action = "run Monte-Carlo dropout";
  expectModule(action, model);
  checkOptions(action, options, ["passes", "seed", "batchSize", "count", "transforms"]);
  const { passes = 30, seed = 0, batchSize = 32, count = 6, transforms = model.transforms } = options;
  expectWhole(action, { passes }, 2);
  expectWhole(action, { batchSize, count });
  expectWhole(action, { seed }, -Infinity);
  const dropout = activeDropout(action, model);
  const source = samplesOf(action, model, images, transforms);
  const layers = new Set(dropout.map(([, layer]) => layer));
  const parts = divideAt(model, dropout);
  const seeds = new RandomGenerator(seed);
  const computed: Computed[] = [];
  for await (const batch of source.batches(batchSize)) {
    try {
      computed.push(...await compute(model, layers, parts, batch, passes, seeds));
      await breathe(); // a notebook's stop button is to work
    } finally {
      batch.dispose();
    }
  }
  const paths = dropout.map(([path]) => path);
  return new MonteCarlo(source.name, paths, passes, ...judged(model, source, computed), count, source.picture);
}

/** A network in two parts: what comes before the first dropout, and the rest. */
interface Parts {
  below(x: tf.Tensor): tf.Tensor;
  above(x: tf.Tensor): tf.Tensor;
}

/** What was computed of an image: its probabilities in evaluation, and what the passes say. */
interface Computed extends Uncertainty {
  plain: Float32Array;
}

/** Divides a network before the first stage that drops; where its stages cannot run one by one, all of it is above. */
function divideAt(model: Module, dropout: readonly NamedDropout[]): Parts {
  const stages = model.stages();
  const positions = dropout.map(([path]) =>
    stages.findIndex(({ modules }) => modules.some((part) => path === part || path.startsWith(`${part}.`)))
  );
  const first = Math.min(...positions); // −1 where one is in no stage
  if (first <= 0 || stages.some(({ forward }) => !forward)) {
    return { below: (x) => x.clone(), above: (x) => model.forward(x) };
  }
  return {
    below: (x) => runTo(stages.slice(0, first), x),
    above: (x) => runStages(stages.slice(first), x),
  };
}

/** Computes a batch once in evaluation and `passes` times with other units dropped. */
async function compute(
  model: Module,
  layers: ReadonlySet<DropoutLayer>,
  { below, above }: Parts,
  images: tf.Tensor,
  passes: number,
  seeds: RandomGenerator,
): Promise<Computed[]> {
  const features = inMode(model, false, () => below(images));
  const probabilities = () => tf.tidy(() => softmax(above(features)));
  try {
    const plain = await rowsOf(inMode(model, false, probabilities));
    const all: Float32Array[][] = [];
    for (let pass = 0, last = performance.now(); pass < passes; pass++) {
      all.push(await rowsOf(withSeed(seeds.bits(), () => whileDropping(model, layers, probabilities))));
      if (performance.now() - last < 100) continue;
      await breathe();
      last = performance.now();
    }
    return plain.map((row, i) => ({ plain: row, ...uncertaintyOf(all.map((pass) => pass[i])) }));
  } finally {
    features.dispose();
  }
}

function softmax(logits: tf.Tensor): tf.Tensor {
  const [, classes = 0] = logits.shape;
  if (logits.rank === 2 && classes > 1) return tf.softmax(logits); // of a single logit it would always be 1
  throw new TypeError(
    `Cannot run Monte-Carlo dropout: expected logits [N, classes] of two classes or more, found [${
      logits.shape.join(", ")
    }]`,
  );
}

/** A tensor's rows; the tensor is disposed of. */
async function rowsOf(tensor: tf.Tensor): Promise<Float32Array[]> {
  const [count, width] = tensor.shape;
  const values = await tensor.data() as Float32Array;
  tensor.dispose();
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/** What the passes say in words, and whether it is right. */
function judged(
  model: Module,
  { classes, labels }: Samples,
  computed: readonly Computed[],
): [classes: readonly string[], samples: MonteCarloSample[]] {
  const width = computed[0]?.plain.length ?? 0;
  const known = classes?.length === width; // or its labels are no outputs of this network
  const given = known ? classes : model.classes?.length === width ? model.classes : undefined;
  const names = given ?? Array.from({ length: width }, (_, i) => `class ${i}`);
  const samples = computed.map(({ plain, ...uncertainty }, index): MonteCarloSample => {
    const [answer, plainAnswer] = [best(uncertainty.mean), best(plain)];
    const said = { index, ...uncertainty, predicted: names[answer], plain: names[plainAnswer] };
    if (!known || !labels) return said;
    const truth = labels[index];
    return { ...said, actual: names[truth], right: answer === truth, plainRight: plainAnswer === truth };
  });
  return [names, samples];
}

function best(row: Float32Array): number {
  return row.reduce((top, value, i) => value > row[top] ? i : top, 0);
}
