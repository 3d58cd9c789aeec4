import { type Measured, noiseOf, noiseOfDifference } from "./noise.ts";
import { criticalValue } from "./student.ts";

/** Something that was tried, and how well it did. */
export interface Judged {
  label: string;
  accuracy: Measured;
}

/** How often at most something is said to be ahead that is not. */
const RISK = 0.05;

/**
 * Whether the best of what was tried is ahead of others by more than noise, in words.
 *
 * The best of many is ahead by chance too: what a lead needs grows with the number of pairs among all that was tried
 * (Bonferroni), and with the doubt about a noise that few seeds have told.
 *
 * @param others what it is compared with
 * @param all what tells the noise: all that was tried in the same way
 * @param validationCount how many pictures the accuracies are of
 * @returns a sentence for those that it is ahead of, and one for those that it is not; none without others
 */
export function leadSentences(
  best: Judged,
  others: readonly Judged[],
  all: readonly Judged[],
  validationCount: number,
): string[] {
  const noise = noiseOf(all.map(({ accuracy }) => accuracy), validationCount);
  const pairs = Math.max(1, all.length * (all.length - 1) / 2);
  const sure = criticalValue(RISK / pairs, noise.freedom);
  const compared = others.map(({ label, accuracy }) => {
    const lead = best.accuracy.mean - accuracy.mean;
    return {
      text: `${label} (${points(lead)})`,
      needed: sure * noiseOfDifference(noise.deviation, best.accuracy, accuracy),
      lead,
    };
  });
  const needed = points(Math.max(0, ...compared.map((one) => one.needed)));
  const allowed = noise.from === "seeds"
    ? `the noise over seeds allows (${needed})`
    : `chance on ${validationCount} pictures allows (${needed}; one seed, more would measure the noise)`;
  const list = (larger: boolean) =>
    compared.filter((one) => (one.lead > one.needed) === larger).map(({ text }) => text).join(" and ");
  return [
    ...(list(true) ? [`It is ahead of ${list(true)} by more than ${allowed}`] : []),
    ...(list(false) ? [`Its lead over ${list(false)} is within ${list(true) ? "that" : `what ${allowed}`}`] : []),
  ];
}

function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
