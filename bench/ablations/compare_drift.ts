/** One batch norm after the steps: where its statistics are, and how far its means had gone after each step. */
interface Layer {
  name: string;
  drift: number[];
  mean: number[];
  variance: number[];
}

/** The file that each side's drift program writes. */
interface DriftFile {
  steps: number;
  batchSize: number;
  learningRate: number;
  images?: { train: number; validation: number };
  /** How the network does on the validation part before the steps and after, with kept and with moved statistics. */
  validation: Record<"before" | "kept" | "moved" | "movedUnderFirstHead", { accuracy: number; loss: number }>;
  losses: number[];
  keptLosses: number[];
  layers: Layer[];
}

const round = (value: number) => Number(value.toPrecision(4));
const largest = (values: number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const farthest = (a: number[], b: number[]) => largest(a.map((value, i) => value - b[i]));

/** Sets both sides' statistics, drifts, losses and accuracies after the same steps side by side, layer by layer. */
export function compareDrift(thaw: DriftFile, torch: DriftFile) {
  if (thaw.steps !== torch.steps || thaw.layers.length !== torch.layers.length) {
    const [ours, theirs] = [thaw, torch].map(({ steps, layers }) => `${steps} steps of ${layers.length} batch norms`);
    throw new Error(`Cannot compare: expected the same on both sides, found ${ours} and ${theirs}`);
  }
  const layers = thaw.layers.map((ours, i) => {
    const theirs = torch.layers[i]; // both in forward order
    if (ours.mean.length !== theirs.mean.length) {
      throw new Error(`Cannot compare ${ours.name} with ${theirs.name}: they have different channels`);
    }
    return {
      name: ours.name,
      // relative to the layer's largest value
      mean: round(farthest(ours.mean, theirs.mean) / largest(theirs.mean)),
      variance: round(farthest(ours.variance, theirs.variance) / largest(theirs.variance)),
      drift: { thaw: round(ours.drift.at(-1)!), torch: round(theirs.drift.at(-1)!) },
    };
  });
  const overLayers = ({ layers, steps }: DriftFile) =>
    Array.from(
      { length: steps },
      (_, step) => round(layers.reduce((sum, { drift }) => sum + drift[step], 0) / layers.length),
    );
  const judged = ({ validation }: DriftFile) =>
    Object.fromEntries(
      Object.entries(validation).map(([when, { accuracy, loss }]) => [when, {
        accuracy: round(accuracy),
        loss: round(loss),
      }]),
    );
  const results = {
    steps: thaw.steps,
    batchSize: thaw.batchSize,
    learningRate: thaw.learningRate,
    images: thaw.images,
    largestDifference: {
      mean: Math.max(...layers.map(({ mean }) => mean)),
      variance: Math.max(...layers.map(({ variance }) => variance)),
      drift: round(largest(thaw.layers.map(({ drift }, i) => farthest(drift, torch.layers[i].drift)))),
      loss: round(farthest(thaw.losses, torch.losses)),
      keptLoss: round(farthest(thaw.keptLosses, torch.keptLosses)),
    },
    validation: { thaw: judged(thaw), torch: judged(torch) },
    driftByStep: { thaw: overLayers(thaw), torch: overLayers(torch) },
    layers,
  };
  console.log("drift: largest differences", results.largestDifference, "validation", results.validation);
  return results;
}
