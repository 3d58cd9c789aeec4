import { formatNumber } from "../../display/mod.ts";
import { standardError } from "./similarity.ts";

/** What was found out about a cut: a stage that could be the first to train. */
export interface Cut {
  /** The stage, as `freeze(model, { until })` takes it. */
  stage: string;
  /** The share of held-out samples that a linear probe of its input tells right. */
  accuracy: number;
}

/** Where a task stands: in which of four quadrants. */
export interface Quadrant {
  /** Whether there are few images a class, or many. */
  size: "small" | "large";
  /** Whether the task is like the pretraining task. */
  task: "similar" | "different";
}

/** What to freeze and how to train the rest. */
export interface Recommendation {
  /** The first stage to train: `freeze(model, { until })`. */
  until: string;
  /** The order of magnitude of Adam's learning rate for what trains; SGD with momentum takes ten times as much. */
  learningRate: number;
  /** Whether lower stages should learn more slowly than the head: `layerwiseRates`. */
  layerwiseRates: boolean;
  /** Whether the training pictures should be changed at random. */
  augment: boolean;
  /** What to do, in a sentence. */
  advice: string;
  /** Why there, in the measured figures. */
  reason: string;
}

/** The four quadrants' advice in short, as a plot names them. */
export const shortAdvice: Record<Quadrant["size"], Record<Quadrant["task"], string>> = {
  small: { similar: "train the head", different: "cut earlier" },
  large: { similar: "fine-tune the top", different: "fine-tune nearly all" },
};

/**
 * What to freeze, from where a task stands and how good the features of each stage are for it.
 *
 * The four cases are the field's usual advice (Yosinski et al. 2014; Stanford's CS231n notes on transfer learning); where to
 * cut is taken from the figures of the stages and not from their names. Accuracies are compared within one standard error.
 *
 * - small, similar: the last stage whose features are as good as the best ones, which is the head unless the top is worse.
 *   Too few images to train more without learning them by heart.
 * - small, different: the first stage whose features are as good as the best ones. What lies above has become special to
 *   another task, and is trained anew.
 * - large, similar: the first stage whose features are two thirds of the way from the first stage's to the best ones.
 *   What is general stays, the upper part is fine-tuned.
 * - large, different: the same at one third of the way. Nearly everything is fine-tuned, from the pretrained weights.
 *
 * @param cuts the stages with something to train, in forward order
 * @param count how many samples the accuracies are of
 */
export function recommend({ size, task }: Quadrant, cuts: readonly Cut[], count: number): Recommendation {
  const first = cuts[0], last = cuts[cuts.length - 1];
  const best = cuts.reduce((a, b) => b.accuracy > a.accuracy ? b : a);
  const asGood = best.accuracy - standardError(best.accuracy, count);
  const along = (share: number) => first.accuracy + share * (best.accuracy - first.accuracy);
  const from = (accuracy: number) => cuts.find((cut) => cut.accuracy >= accuracy)!;
  const because = (cut: Cut) =>
    `a linear probe is right for ${list(cuts.filter((one) => [first, cut, best, last].includes(one)), best)}`;

  if (size === "small" && task === "similar") {
    const cut = cuts.findLast(({ accuracy }) => accuracy >= asGood)!;
    const head = cut === last;
    return {
      until: cut.stage,
      learningRate: head ? 1e-3 : 1e-4,
      layerwiseRates: !head,
      augment: true,
      advice: head
        ? `train ${cut.stage} alone and freeze what is below it`
        : `freeze what is below ${cut.stage} and train from there`,
      reason: `${because(cut)}; ` +
        (head
          ? "the last features serve the task as they are, and a larger part would learn few images by heart"
          : `what is above ${cut.stage} has become too special for the task`),
    };
  }
  if (size === "small") {
    const cut = from(asGood);
    return {
      until: cut.stage,
      learningRate: 1e-4,
      layerwiseRates: cut !== last,
      augment: true,
      advice: `freeze what is below ${cut.stage} and train from there, or put a small head on its input`,
      reason: `${because(cut)}; ${cut.stage} is the first stage whose input is as good as the best one, and what is ` +
        "above has learnt another task",
    };
  }
  const similar = task === "similar";
  const cut = best.accuracy - first.accuracy > standardError(best.accuracy, count)
    ? from(along(similar ? 2 / 3 : 1 / 3))
    : first; // no stage's features are better than the input itself: there is nothing to keep
  return {
    until: cut.stage,
    learningRate: similar ? 1e-4 : 1e-3,
    layerwiseRates: true,
    augment: false,
    advice: cut === first
      ? `fine-tune everything from ${cut.stage} on`
      : `freeze what is below ${cut.stage} and fine-tune from there`,
    reason: `${because(cut)}; ` +
      (similar
        ? `below ${cut.stage} lies what is general, which the images need not teach again`
        : `little below ${cut.stage} serves the new task, and there are images enough to teach the rest`),
  };
}

/** The accuracies below some cuts in words. */
function list(cuts: readonly Cut[], best: Cut): string {
  const words = cuts.map((cut) =>
    `${formatNumber(cut.accuracy, "percent")} below ${cut.stage}${cut === best ? " (the best)" : ""}`
  );
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
