import {
  type Cell,
  type ChartSpec,
  Displayable,
  formatNumber,
  type HistogramCell,
  type StackSpec,
  type TableSpec,
} from "../display/mod.ts";

/** What a batch norm knows of one channel, and what a batch has there. */
export interface ChannelStatistics {
  /** The running statistics, by which the layer normalizes in evaluation. */
  running: { mean: number; variance: number };
  /** The batch's, the variance with Bessel's correction. */
  batch: { mean: number; variance: number };
  /** The batch's mean less the running one, in running standard deviations `√(variance + eps)`. */
  shift: number;
  /** The logarithm of the batch's variance over the running one, `eps` added to both. */
  spread: number;
}

/** A batch norm's running statistics beside those of a batch. */
export interface LayerStatistics {
  /** The layer's dotted name. */
  path: string;
  /** Its channels. */
  channels: readonly ChannelStatistics[];
  /** The mean over channels of how far the batch's mean is off, in running standard deviations. */
  shift: number;
  /** The mean over channels of how far the variances are apart: |log(batch / running)|, 0.69 where one is twice the other. */
  spread: number;
  /** The channel whose mean is furthest off. */
  worst: number;
}

const foldFrom = 24; // layers; more are folded by their part of the network

/** How far a batch is from what a network's batch norms expect; displays as charts by depth and a table of the layers. */
export class BatchStatistics extends Displayable {
  constructor(
    /** The layers that ran, in the order of the network's parts. */
    readonly layers: readonly LayerStatistics[],
    /** The batch's shape. */
    readonly shape: readonly number[],
  ) {
    super();
  }

  /** The layer whose means are furthest off. */
  get worst(): LayerStatistics {
    return this.layers.reduce((worst, layer) => layer.shift > worst.shift ? layer : worst);
  }

  override spec(): StackSpec {
    return { kind: "stack", items: [this.#chart(), this.#table()] };
  }

  /** Each layer's figures as plain data; channel by channel they are in `layers`. */
  toJSON(): Record<string, unknown> {
    const layers = this.layers.map(({ path, channels, shift, spread, worst }) => ({
      path,
      channels: channels.length,
      shift,
      spread,
      worst: { channel: worst, ...channels[worst] },
    }));
    return { shape: this.shape, layers };
  }

  #chart(): ChartSpec {
    const few = this.layers.length <= 12;
    const panel = (title: string, yLabel: string, key: "shift" | "spread", name: string) => ({
      title,
      xLabel: few ? undefined : "batch norms, from the input on",
      yLabel,
      yRange: [0, 1.08 * Math.max(...this.layers.map((layer) => layer[key]), 0.01)] as const,
      xNames: few ? this.layers.map(({ path }) => path) : undefined,
      series: [{
        name,
        x: this.layers.map((_, i) => few ? i : i + 1),
        y: this.layers.map((layer) => layer[key]),
        points: true,
      }],
    });
    return {
      kind: "chart",
      title: "Running statistics and those of a batch",
      subtitle: `a batch [${this.shape.join(", ")}], in evaluation; 0 is what the network expects`,
      panels: [
        panel("How far off the means are", "running standard deviations", "shift", "means"),
        panel("How far apart the variances are", "|log(batch / running)|", "spread", "variances"),
      ],
    };
  }

  #table(): TableSpec {
    const largest = Math.max(this.worst.shift, 1e-6);
    const rows = this.layers.map(({ path, channels, shift, spread, worst }): Cell[] => {
      const { running, batch } = channels[worst];
      return [
        path,
        channels.length,
        { bar: shift / largest, label: shift.toFixed(3), tone: shift === largest ? "bad" : "accent" },
        histogram(channels.map((channel) => channel.shift)),
        spread,
        histogram(channels.map((channel) => channel.spread)),
        `${worst}: ${formatNumber(batch.mean, "significant")} against ${formatNumber(running.mean, "significant")} ± ${
          formatNumber(Math.sqrt(running.variance), "significant")
        }`,
      ];
    });
    return {
      kind: "table",
      title: "Batch norms",
      columns: [
        { label: "layer" },
        { label: "channels" },
        {
          label: "means off by (std)",
          title: "mean over channels of |batch − running| in running standard deviations",
        },
        { label: "by channel", title: "how far each channel's mean is off, below to the left" },
        { label: "variances apart", format: "fixed", title: "mean over channels of |log(batch / running)|" },
        { label: "by channel", title: "log(batch / running) of each channel's variance, less to the left" },
        { label: "worst channel", title: "its mean in the batch against the running one ± standard deviation" },
      ],
      rows,
      ...(rows.length > foldFrom && { groups: this.#groups() }),
      caption: `most off: ${this.worst.path || "the network"}, by ${
        formatNumber(this.worst.shift, "fixed")
      } running standard deviations on average`,
    };
  }

  /** Layers in a row that are in the same part of the network. */
  #groups() {
    const groups: { label: string; layers: LayerStatistics[] }[] = [];
    for (const layer of this.layers) {
      const label = layer.path.split(".").slice(0, 2).join(".");
      const last = groups[groups.length - 1];
      if (last?.label === label) last.layers.push(layer);
      else groups.push({ label, layers: [layer] });
    }
    return groups.map(({ label, layers }) => ({
      label,
      rows: layers.length,
      detail: `${layers.length} ${layers.length === 1 ? "layer" : "layers"}, means off by up to ${
        formatNumber(Math.max(...layers.map(({ shift }) => shift)), "fixed")
      }`,
      open: layers.includes(this.worst),
    }));
  }
}

/** The distribution of a layer's channels, around 0. */
function histogram(values: readonly number[]): HistogramCell | null {
  const reach = Math.max(...values.map(Math.abs));
  if (!(reach > 0) || !Number.isFinite(reach)) return null;
  const bins = 21; // odd, for one in the middle
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(bins * (value / reach + 1) / 2))]++;
  return { histogram: counts, range: [-reach, reach] };
}
