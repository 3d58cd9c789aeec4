/**
 * What the losses of a learning rate range test say: positions of the rates to train with. Both rules are fastai's, of
 * smoothed losses.
 *
 * @module
 */

/**
 * The middle of the longest valley: of the longest subsequence in which each loss is below the one before. A rate there is well
 * below those at which the loss rises again. fastai's `valley`, by ESRI.
 *
 * @param losses at rates that grow
 * @returns a position in `losses`
 */
export function valley(losses: readonly number[]): number {
  const lengths: number[] = []; // of the longest such subsequence that ends here
  for (const [i, loss] of losses.entries()) {
    lengths.push(1 + lengths.reduce((most, length, j) => j < i && losses[j] > loss ? Math.max(most, length) : most, 0));
  }
  const longest = lengths.reduce((a, b) => Math.max(a, b));
  // A third of the valley, and half of another: counted from its end as though it had no gaps.
  const start = lengths.indexOf(longest) - longest;
  return Math.max(0, start + Math.floor(longest / 3) + Math.floor(longest / 6));
}

/**
 * Where the loss falls most steeply over the logarithm of the rate. fastai's `steep`.
 *
 * @param rates grow
 * @param losses one for each rate, at least two
 * @returns a position in `losses`
 */
export function steep(rates: readonly number[], losses: readonly number[]): number {
  const slopes = losses.slice(1).map((loss, i) => (loss - losses[i]) / Math.log(rates[i + 1] / rates[i]));
  return slopes.reduce((least, slope, i) => slope < slopes[least] ? i : least, 0);
}
