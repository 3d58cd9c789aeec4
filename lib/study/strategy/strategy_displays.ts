import {
  type BlocksSpec,
  type Cell,
  type ChartSpec,
  formatNumber,
  type Mark,
  type TableSpec,
} from "../../display/mod.ts";
import { type Quadrant, shortAdvice } from "./recommend.ts";
import { standardError } from "./similarity.ts";
import type { Strategy } from "./strategy_result.ts";

/** Where the task stands among the four quadrants: its similarity over its images a class. */
export function quadrantChart({ figures, quadrant }: Strategy): ChartSpec {
  const { dataset, images, similarity, limits } = figures;
  const median = Math.max(1, images.median);
  const low = Math.min(1, limits.large / 100), high = Math.max(10_000, limits.large * 100, 2 * median);
  const middles = {
    small: Math.sqrt(low * limits.large),
    large: Math.sqrt(limits.large * high),
    different: limits.similar / 2,
    similar: (1 + limits.similar) / 2,
  };
  const corner = (size: Quadrant["size"], task: Quadrant["task"]): Mark => ({
    x: middles[size],
    y: middles[task],
    label: shortAdvice[size][task],
    tone: size === quadrant.size && task === quadrant.task ? "accent" : "muted",
  });
  return {
    kind: "chart",
    title: `${dataset} is ${quadrant.size} and ${quadrant.task}: ${shortAdvice[quadrant.size][quadrant.task]}`,
    panels: [{
      xLabel: "training images a class",
      yLabel: "similarity to the pretraining task",
      series: [{ name: dataset, x: [median], y: [similarity.value], points: true }],
      xRange: [low, high],
      yRange: [0, 1],
      xScale: "log",
      marks: [
        { x: limits.large, label: `large from ${formatNumber(limits.large)}` },
        { y: limits.similar, label: `similar from ${formatNumber(limits.similar)}` },
        corner("small", "similar"),
        corner("small", "different"),
        corner("large", "similar"),
        corner("large", "different"),
        { x: median, y: similarity.value, label: dataset, tone: "good" },
      ],
    }],
  };
}

/** What each stage's input is worth for the task. */
export function stageTable({ figures, recommendation }: Strategy): TableSpec {
  const { stages, pixels, chance, judged, leep, noLeep, similarity } = figures;
  const best = Math.max(...stages.map(({ accuracy }) => accuracy));
  const highest = Math.max(...stages.map(({ logME }) => logME));
  const above = stages.map((_, i) => stages.slice(i).reduce((sum, { parameters }) => sum + parameters, 0));
  const bar = (accuracy: number): Cell => ({
    bar: accuracy,
    label: formatNumber(accuracy, "percent"),
    tone: accuracy === best ? "good" : "accent",
  });
  const folds = judged.folds > 1 ? `, held out in ${judged.folds} folds` : "";
  const error = formatNumber(standardError(best, judged.count), "percent");
  return {
    kind: "table",
    title: "What the features below each stage are worth",
    columns: [
      { label: "", align: "right", title: "its number in the chart" },
      { label: "stage", title: "the first stage to train" },
      { label: "features", format: "integer", title: "how many it is given, averaged over height and width" },
      { label: "linear probe", title: "the share of held-out images that a linear classifier of them tells right" },
      {
        label: "LogME",
        format: "fixed",
        align: "right",
        title: "log evidence of a linear model of them, nats a sample",
      },
      { label: "parameters from here", format: "integer", title: "how many train when this stage is the first" },
    ],
    rows: [
      ...stages.map(({ stage, features, accuracy, logME }, i): Cell[] => [
        i,
        stage === recommendation.until ? { text: `${stage} ◀ cut here`, tone: "accent" } : stage,
        features,
        bar(accuracy),
        { text: formatNumber(logME, "fixed"), tone: logME === highest ? "good" : "neutral" },
        above[i],
      ]),
      [
        null,
        { text: "plain pixels", tone: "muted" },
        null,
        { bar: pixels, label: formatNumber(pixels, "percent"), tone: "muted" },
        null,
        null,
      ],
    ],
    caption:
      `accuracies are of ${judged.count.toLocaleString("en")} images${folds}, ±${error}; the largest class alone ` +
      `gives ${formatNumber(chance, "percent")}; similarity ${similarity.value.toFixed(2)} = ` +
      `${formatNumber(similarity.lift, "percent")} of the pixels' mistakes avoided × ` +
      `${similarity.kept.toFixed(2)} kept up to the last stage; ` +
      (leep === undefined ? `no LEEP: ${noLeep}` : `LEEP ${leep.toFixed(3)} nats`),
  };
}

/** Both figures of each stage over the depth at which it stands. */
export function depthChart({ figures, recommendation }: Strategy): ChartSpec {
  const { stages, pixels, judged } = figures;
  const x = stages.map((_, i) => i);
  const cut = stages.findIndex(({ stage }) => stage === recommendation.until);
  const marks: Mark[] = [{ x: cut, label: recommendation.until, tone: "accent" }];
  return {
    kind: "chart",
    title: "Features over depth",
    panels: [
      {
        xLabel: "stage",
        yLabel: "linear probe: accuracy of held-out images",
        yRange: [0, 1],
        yFormat: "percent",
        series: [{
          name: "linear probe",
          x,
          y: stages.map(({ accuracy }) => accuracy),
          error: stages.map(({ accuracy }) => standardError(accuracy, judged.count)),
          points: true,
        }, { name: "plain pixels", x, y: stages.map(() => pixels), tone: "muted", dashed: true }],
        marks,
      },
      {
        xLabel: "stage",
        yLabel: "LogME, nats a sample",
        series: [{ name: "LogME", x, y: stages.map(({ logME }) => logME), points: true }],
        marks,
      },
    ],
  };
}

/** The freeze map that the recommendation makes. */
export function freezeMap({ figures, recommendation }: Strategy): BlocksSpec {
  const { stages, model } = figures;
  const cut = stages.findIndex(({ stage }) => stage === recommendation.until);
  const sum = (from: number) => stages.slice(from).reduce((total, { parameters }) => total + parameters, 0);
  const share = formatNumber(sum(cut) / sum(0), "percent");
  return {
    kind: "blocks",
    title: `What to freeze in ${model}: freeze(model, { until: "${recommendation.until}" })`,
    blocks: stages.map(({ stage, parameters }, i) => ({
      name: stage,
      state: i < cut ? "frozen" : "trainable",
      parameters,
      trainable: i < cut ? 0 : parameters,
    })),
    caption: `${formatNumber(sum(cut), "integer")} of ${formatNumber(sum(0), "integer")} parameters train (${share})`,
  };
}
