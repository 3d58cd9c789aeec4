import { normalShare } from "./noise.ts";

/**
 * How many standard deviations a difference needs for a chance of at most `risk` that noise alone makes one as large, in
 * either direction: Student's t, since a deviation of a few repetitions is itself uncertain.
 *
 * @param risk from 0 to 1
 * @param freedom how many degrees of freedom the deviation was estimated from; Infinity where it is known
 */
export function criticalValue(risk: number, freedom: number): number {
  const inside = (t: number) => freedom === Infinity ? 2 * normalShare(t) - 1 : centralShare(t, freedom);
  let [low, high] = [0, 1];
  while (inside(high) < 1 - risk) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (inside(middle) < 1 - risk) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability that Student's t is between −t and t; for whole degrees of freedom, Abramowitz & Stegun 26.7.3 and 26.7.4. */
function centralShare(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1, sum = freedom === 1 ? 0 : term;
  for (let power = odd ? 3 : 2; power <= freedom - 2; power += 2) {
    term *= cosine ** 2 * (power - 1) / power;
    sum += term;
  }
  return odd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
}
