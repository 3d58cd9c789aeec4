/** How far a new task is like the one that a network was pretrained for, from 0 to 1. */
export interface Similarity {
  /** {@linkcode lift} times {@linkcode kept}. */
  value: number;
  /** Of the mistakes that a linear probe makes by plain pixels, the share that the network's last features avoid. */
  lift: number;
  /** How many mistakes the best stage's features leave, as a share of those that the last features leave. */
  kept: number;
}

/**
 * The similarity of a new task to the pretraining task, from frozen features alone.
 *
 * What pretraining has made of a network is its features, the later ones the more special (Yosinski et al. 2014). A task
 * is similar as far as those serve it, which takes two things. They must tell more than the pixels do by themselves: how
 * accurate a probe is says little, as handwritten digits are easy from pixels and hard photographs are not, so it is the
 * mistakes that the pixels leave which the last features must avoid (lift). And nothing that the task needs may have been
 * dropped on the way up: where an earlier stage leaves fewer mistakes than the last one, the top has become too special
 * for another task (kept). A network of random weights has features as good as none, and a similarity of about 0.
 *
 * Every share of mistakes is enlarged by one standard error, so that what few samples tell by chance counts for little.
 *
 * @param pixels the accuracy of a probe on a few pixels of the input
 * @param stages the accuracies of probes on the stages' inputs, the last stage's last
 * @param count how many samples judged each probe
 */
export function taskSimilarity(pixels: number, stages: readonly number[], count: number): Similarity {
  const best = Math.max(...stages);
  const noise = standardError(best, count);
  const mistakes = (accuracy: number) => 1 - accuracy + noise;
  const last = mistakes(stages[stages.length - 1]);
  const lift = Math.max(0, 1 - last / mistakes(pixels));
  const kept = mistakes(best) / last;
  return { value: lift * kept, lift, kept };
}

/** The standard error of an accuracy on `count` samples; above 0 also where none or all of them are right. */
export function standardError(accuracy: number, count: number): number {
  return Math.sqrt(accuracy * (1 - accuracy) / count + 1 / (4 * count * count));
}
