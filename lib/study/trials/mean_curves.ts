import type { Series } from "../../display/mod.ts";
import type { Epoch } from "../../training/mod.ts";

/**
 * A curve over epochs for each of some settings: of its seeds the mean, as far as all of them have come. A single epoch
 * beside longer ones is no curve.
 *
 * @param value what is drawn of an epoch
 */
export function meanCurves(
  settings: readonly { label: string; runs: readonly { history: readonly Epoch[] }[] }[],
  value: (epoch: Epoch) => number,
): Series[] {
  const all = settings.filter(({ runs }) => runs.length > 0).map(({ label, runs }): Series => {
    const length = Math.min(...runs.map(({ history }) => history.length));
    const mean = (i: number) => runs.reduce((sum, { history }) => sum + value(history[i]), 0) / runs.length;
    return {
      name: label,
      x: Array.from({ length }, (_, i) => i + 1),
      y: Array.from({ length }, (_, i) => mean(i)),
      points: true,
    };
  });
  const long = all.filter(({ x }) => x.length > 1);
  return long.length ? long : all;
}
