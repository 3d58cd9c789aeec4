import type { AblationRun } from "../ablation/ablation_rows.ts";
import type { Distribution } from "./distribution.ts";
import type { StatisticsDistance } from "./drift.ts";

/** Numbers by epoch, from 0, which is before the training; `null` where a number was none any more. */
export type ByEpoch<T> = { [K in keyof T]: (number | null)[] };

/** What was measured where a network has, or could have, batch norm. */
export interface LayerMeasurements {
  /** Its dotted name. */
  name: string;
  /** Whether it is in the part that is frozen. */
  below: boolean;
  /** Of what leaves it, on the probe's pictures; of some layers only. */
  activations?: ByEpoch<Distribution>;
  /** How far its running statistics are from those of the probe's pictures; where there is batch norm. */
  distance?: ByEpoch<StatisticsDistance>;
  /** How far its running statistics are from where they began; where there is batch norm. */
  drift?: ByEpoch<StatisticsDistance>;
}

/** What was measured in a training: its layers in the order of the network's parts. */
export interface BatchNormMeasurements {
  layers: LayerMeasurements[];
}

/** Writes an epoch's numbers down, to seven digits: a float has no more, and JSON would be twice as long. */
export function note<K extends "activations" | "distance" | "drift">(
  layer: LayerMeasurements,
  kind: K,
  found: Distribution | StatisticsDistance,
): void {
  const lists = (layer[kind] ??= Object.fromEntries(Object.keys(found).map((name) => [name, []])) as never) as Record<
    string,
    (number | null)[]
  >;
  for (const [name, value] of Object.entries(found)) {
    lists[name].push(Number.isFinite(value) ? Number(value.toPrecision(7)) : null);
  }
}

/** What was measured in a training; nothing where it broke down before. */
export function measurementsOf({ measured }: AblationRun): BatchNormMeasurements | undefined {
  return measured as unknown as BatchNormMeasurements | undefined;
}

/** A curve over epochs: of several trainings the mean, at each epoch of those that came so far. */
export function meanByEpoch(lists: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, epoch) => {
    const known = lists.map((list) => list[epoch]).filter((value) => typeof value === "number");
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  });
}
