import type { ChartSpec, Panel } from "../../display/mod.ts";
import { bestSetting } from "../ablation/ablation_rows.ts";
import { normLabels } from "./batch_norm_plan.ts";
import { counterpart } from "./batch_norm_sentence.ts";
import type { BatchNormRow } from "./batch_norm_study.ts";
import { layersOf } from "./layer_curves.ts";
import type { LayerMeasurements } from "./measurements.ts";

/** So many layers are shown, evenly spread; the others are in the rows. */
const SHOWN = 3;

/**
 * How the activations of some layers move while the network trains: the 15th, 50th and 85th percentiles of what leaves batch
 * norm, or what stands in its place, as in Ioffe & Szegedy (2015). A chart for each layer, in which the best setting stands
 * beside the same one with the other ways.
 */
export function activationCharts(rows: readonly BatchNormRow[]): ChartSpec[] {
  const best = bestSetting(rows) as BatchNormRow | undefined;
  if (!best) return [];
  const norms = [...new Set(rows.map(({ setting }) => setting.norm))];
  const beside = norms.flatMap((norm) => norm === best.setting.norm ? best : counterpart(best, norm, rows) ?? [])
    .map((row) => ({ title: normLabels[row.setting.norm], layers: layersOf(row) }));
  const looked = layersOf(best).filter(({ activations }) => activations).map(({ name }) => name);
  const shown = looked.length <= SHOWN
    ? looked
    : Array.from({ length: SHOWN }, (_, i) => looked[Math.round(i * (looked.length - 1) / (SHOWN - 1))]);
  return shown.map((name, i): ChartSpec => {
    const panels = beside.flatMap(({ title, layers }): Panel[] => {
      const { activations } = layers.find((layer) => layer.name === name) ?? {};
      return activations ? [{ title: `${name}, ${title}`, ...percentiles(activations) }] : [];
    });
    return {
      kind: "chart",
      ...(i === 0 && {
        title: "Activations behind batch norm, or what stands in its place",
        subtitle:
          `percentiles on validation pictures in evaluation, before training (0) and after each epoch: ${best.label}`,
      }),
      panels: onOneScale(panels),
    };
  });
}

function percentiles({ low, median, high }: NonNullable<LayerMeasurements["activations"]>): Panel {
  const x = [...median.keys()];
  return {
    xLabel: "epoch",
    series: [
      { name: "85 %", x, y: high },
      { name: "50 %", x, y: median },
      { name: "15 %", x, y: low },
    ],
  };
}

/** Gives panels the same axis, unless one would then be a line. */
function onOneScale(panels: readonly Panel[]): Panel[] {
  const ranges = panels.map(({ series }) => {
    const values = series.flatMap(({ y }) => y).filter((value) => value !== null);
    return [Math.min(...values), Math.max(...values)];
  });
  const spans = ranges.map(([low, high]) => high - low);
  const [low, high] = [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
  if (!(high - low < 10 * Math.min(...spans))) return [...panels];
  const room = 0.05 * (high - low);
  return panels.map((panel) => ({ ...panel, yRange: [low - room, high + room] }));
}
