import { type Measured, measured } from "../trials/noise.ts";
import type { BatchNormRow } from "./batch_norm_study.ts";
import type { StatisticsDistance } from "./drift.ts";
import {
  type BatchNormMeasurements,
  type ByEpoch,
  type LayerMeasurements,
  meanByEpoch,
  measurementsOf,
} from "./measurements.ts";

/** A layer of a setting's trainings: what was measured there, each list the mean over seeds. */
export function layersOf(row: BatchNormRow): LayerMeasurements[] {
  const trainings = trainingsOf(row);
  return (trainings[0]?.layers ?? []).map(({ name, below }, i) => {
    const own = trainings.map(({ layers }) => layers[i]);
    const mean = <K extends "activations" | "distance" | "drift">(kind: K) => {
      const lists = own.map((layer) => layer[kind]).filter((one) => one !== undefined) as ByEpoch<
        Record<string, number>
      >[];
      if (lists.length === 0) return {};
      const names = Object.keys(lists[0]);
      return { [kind]: Object.fromEntries(names.map((key) => [key, meanByEpoch(lists.map((list) => list[key]))])) };
    };
    return { name, below, ...mean("activations"), ...mean("distance"), ...mean("drift") };
  });
}

/** What was measured of a layer after the last epoch, over the seeds. */
export interface FinalDistance {
  name: string;
  mean: Measured;
  variance: Measured;
}

/**
 * How far the running statistics were in the end, layer by layer: from where they began (`drift`) or from those of the probe's
 * pictures (`distance`).
 *
 * @param part the layers of the frozen part alone, or all
 */
export function finalDistances(row: BatchNormRow, kind: "drift" | "distance", part: "frozen" | "all"): FinalDistance[] {
  const trainings = trainingsOf(row);
  return (trainings[0]?.layers ?? []).flatMap(({ name, below }, i) => {
    if (part === "frozen" && !below) return [];
    const last = trainings.flatMap(({ layers }) => layers[i][kind] ?? []).map(lastOf).filter((one) =>
      one !== undefined
    );
    if (last.length === 0) return [];
    return [{
      name,
      mean: measured(last.map(({ mean }) => mean)),
      variance: measured(last.map(({ variance }) => variance)),
    }];
  });
}

/** What was measured in a setting's trainings; in those that broke off only where no other is there. */
function trainingsOf({ runs }: BatchNormRow): BatchNormMeasurements[] {
  const whole = runs.filter(({ error }) => error === undefined);
  return (whole.length ? whole : runs).flatMap((run) => measurementsOf(run) ?? []);
}

function lastOf({ mean, variance }: ByEpoch<StatisticsDistance>): StatisticsDistance | undefined {
  const [a, b] = [mean.at(-1), variance.at(-1)];
  return typeof a === "number" && typeof b === "number" ? { mean: a, variance: b } : undefined;
}
