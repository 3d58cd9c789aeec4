import { encodePng } from "../data/image.ts";
import { mapParallel } from "../data/parallel.ts";
import type { Picture } from "../data/types.ts";
import type { ChartSpec, ImageItem, ImagesSpec, Panel, Series, TableSpec } from "../display/mod.ts";
import type { MonteCarloSample } from "./monte_carlo_result.ts";
import { accuracyOfKept } from "./uncertainty.ts";

/** Images with their most likely classes; where there are no pictures, a table. */
export async function imagesOrTable(
  title: string,
  samples: readonly MonteCarloSample[],
  classes: readonly string[],
  pictureOf?: (index: number) => Promise<Picture>,
): Promise<ImagesSpec | TableSpec> {
  if (!pictureOf) return table(title, samples, classes);
  const items = await mapParallel(samples, async (sample): Promise<ImageItem> => ({
    png: await encodePng(await pictureOf(sample.index), 192),
    ...words(sample, classes),
  }));
  const known = samples.some(({ actual }) => actual !== undefined);
  const caption = `${known ? "the true class and the entropy" : "the entropy"} in nats; bars are mean probabilities, ` +
    "± one standard deviation over the passes in points";
  return { kind: "images", title, items, size: 150, caption };
}

function words(sample: MonteCarloSample, classes: readonly string[]): Omit<ImageItem, "png"> {
  const { index, actual, right, entropy, mutualInformation, predicted } = sample;
  const truth = actual === undefined ? "" : `: ${actual}`;
  return {
    caption: `${actual ?? "entropy"}, ${entropy.toFixed(2)}`,
    title: `image ${index}${truth}, predicted ${predicted}; entropy ${entropy.toFixed(3)} nats, ` +
      `of which ${mutualInformation.toFixed(3)} are the passes' disagreement`,
    tone: right === undefined ? undefined : right ? "good" : "bad",
    bars: likeliest(sample, classes, 3).map(({ label, mean, deviation }) => ({
      label: `${label} ±${Math.round(100 * deviation)}`,
      value: mean,
      tone: label === actual ? "good" : label === predicted && actual !== undefined ? "bad" : undefined,
    })),
  };
}

function table(title: string, samples: readonly MonteCarloSample[], classes: readonly string[]): TableSpec {
  const known = samples.some(({ actual }) => actual !== undefined);
  return {
    kind: "table",
    title,
    columns: [
      { label: "sample" },
      { label: "predicted" },
      ...(known ? [{ label: "true class" }] : []),
      { label: "mean probability", title: "± one standard deviation over the passes, in points", align: "right" },
      { label: "entropy", format: "fixed", title: "in nats" },
      { label: "mutual information", format: "fixed", title: "in nats: how much of the entropy is disagreement" },
    ],
    rows: samples.map((sample) => {
      const [{ mean, deviation }] = likeliest(sample, classes, 1);
      const { index, predicted, actual = "", right } = sample;
      return [
        `${index}`,
        right === undefined ? predicted : { text: predicted, tone: right ? "good" as const : "bad" as const },
        ...(known ? [actual] : []),
        `${(100 * mean).toFixed(1)} % ± ${(100 * deviation).toFixed(1)}`,
        sample.entropy,
        sample.mutualInformation,
      ];
    }),
  };
}

function likeliest({ mean, deviation }: MonteCarloSample, classes: readonly string[], count: number) {
  const order = Array.from(mean.keys()).sort((a, b) => mean[b] - mean[a]).slice(0, count);
  return order.map((i) => ({ label: classes[i], mean: mean[i], deviation: deviation[i] }));
}

/** Whether uncertainty tells right from wrong: accuracy where only the certain are kept, and the entropies of both. */
export function uncertaintyChart(samples: readonly MonteCarloSample[], plainAccuracy: number | undefined): ChartSpec {
  const known = plainAccuracy !== undefined;
  return {
    kind: "chart",
    title: known ? "Does uncertainty tell right from wrong?" : "How certain",
    panels: [...(known ? [keptPanel(samples, plainAccuracy)] : []), entropyPanel(samples, known)],
  };
}

function keptPanel(samples: readonly MonteCarloSample[], plainAccuracy: number): Panel {
  const series = (name: string, key: "entropy" | "mutualInformation"): Series => {
    const kept = accuracyOfKept(samples.map((sample) => ({ uncertainty: sample[key], right: sample.right! })));
    return {
      name,
      x: kept.map(({ share }) => Math.round(100 * share)),
      y: kept.map(({ accuracy }) => accuracy),
      points: false,
    };
  };
  const lines = [
    series("by entropy", "entropy"),
    // not the next colour, which is that of wrong answers
    { ...series("by mutual information", "mutualInformation"), tone: "accent" as const, dashed: true },
  ];
  const all = [plainAccuracy, ...lines.flatMap(({ y }) => y as number[])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.08 * Math.max(high - low, 0.05); // the axis has its name above
  return {
    title: "Accuracy of the most certain images",
    xLabel: "how many are kept, in %",
    yLabel: "accuracy",
    yFormat: "percent",
    xRange: [0, 100],
    yRange: [low - room, high + room],
    series: [
      ...lines,
      { name: "the plain network on all", x: [0, 100], y: [plainAccuracy, plainAccuracy], dashed: true, tone: "muted" },
    ],
  };
}

/** How the entropies of right and of wrong answers are distributed. */
function entropyPanel(samples: readonly MonteCarloSample[], known: boolean): Panel {
  const bins = 12;
  const width = Math.max(...samples.map(({ entropy }) => entropy), 1e-6) / bins;
  const counts = (own: readonly MonteCarloSample[]) =>
    Array.from(
      { length: bins },
      (_, bin) =>
        own.filter(({ entropy }) => Math.min(bins - 1, Math.floor(entropy / width)) === bin).length / own.length,
    );
  const x = Array.from({ length: bins }, (_, bin) => (bin + 0.5) * width);
  const series = known
    ? [true, false].flatMap((which): Series[] => {
      const own = samples.filter(({ right }) => right === which);
      const name = which ? "right answers" : "wrong answers";
      return own.length ? [{ name, x, y: counts(own), tone: which ? "good" : "bad", points: true }] : [];
    })
    : [{ name: "images", x, y: counts(samples), points: true }];
  return {
    title: "Entropy of the answers",
    xLabel: "entropy in nats",
    yLabel: known ? "share of those right, of those wrong" : "share of the images",
    yFormat: "percent",
    series,
  };
}
