import { Displayable, formatNumber, type Spec } from "../../display/mod.ts";
import type { Quadrant, Recommendation } from "./recommend.ts";
import type { Similarity } from "./similarity.ts";
import { depthChart, freezeMap, quadrantChart, stageTable } from "./strategy_displays.ts";

/** What was measured of a stage: all of it of the stage's input. */
export interface StageFigures {
  stage: string;
  /** How many features it is given. */
  features: number;
  /** The share of held-out samples that a linear probe of them tells right. */
  accuracy: number;
  /** Their LogME on the training samples, in nats. */
  logME: number;
  /** How many parameters the stage has. */
  parameters: number;
}

/** What was measured of a network and a dataset. */
export interface StrategyFigures {
  /** The network's class. */
  model: string;
  /** The data's name. */
  dataset: string;
  /** Training images: how many a class, in the middle and at least. */
  images: { total: number; classes: number; median: number; least: number };
  /** How many held-out samples judged each probe, and in how many folds. */
  judged: { count: number; folds: number };
  /** The share of those that are of the largest class. */
  chance: number;
  /** The accuracy of a linear probe of the picture in 8×8 pixels. */
  pixels: number;
  /** The stages in the order in which they run, up to the last one with parameters. */
  stages: readonly StageFigures[];
  similarity: Similarity;
  /** How many outputs the network's head has, where that could be told. */
  outputs?: number;
  /** LEEP of the network's own head, in nats; undefined where it has none that tells other classes. */
  leep?: number;
  /** Why there is no LEEP. */
  noLeep?: string;
  /** From how many images a class a dataset is large, and from which similarity on a task is similar. */
  limits: { large: number; similar: number };
  /** How long all of it took. */
  seconds: number;
}

/** What to freeze and how to train, with the figures that speak for it; displays as a plot, a table and a sentence. */
export class Strategy extends Displayable {
  constructor(
    /** What was measured. */
    readonly figures: StrategyFigures,
    /** Where the task stands. */
    readonly quadrant: Quadrant,
    /** What to do. */
    readonly recommendation: Recommendation,
  ) {
    super();
  }

  /** Where the task stands, what to do and why, in a few sentences. */
  get summary(): string {
    const { model, dataset, images, similarity, limits, pixels, outputs } = this.figures;
    const { advice, reason, learningRate, layerwiseRates, augment } = this.recommendation;
    const { size, task } = this.quadrant;
    const count = (value: number) => formatNumber(value, "integer");
    const how = [
      `at a learning rate of about ${learningRate.toExponential()} (Adam; ten times that with SGD)`,
      ...(layerwiseRates ? ["lower for lower stages"] : []),
      ...(augment ? ["with pictures changed at random"] : []),
    ];
    return [
      `${model} on ${dataset}: ${count(images.median)} training images a class (the median; ${
        count(images.least)
      } at ` +
      `least) are ${size === "large" ? "many" : "few"}, and the task is ${
        task === "similar" ? "like" : "unlike"
      } the ` +
      `one that the network was pretrained for: similarity ${similarity.value.toFixed(2)}, ` +
      `${task === "similar" ? "at least" : "less than"} ${limits.similar}.`,
      ...(outputs === undefined || outputs === images.classes
        ? []
        : [`Its head has ${count(outputs)} outputs: give it one of ${count(images.classes)} first.`]),
      `${advice[0].toUpperCase()}${advice.slice(1)}, ${how.join(", ")}.`,
      `Why: ${reason}. Plain pixels give ${formatNumber(pixels, "percent")}.`,
    ].join(" ");
  }

  override spec(): Spec {
    return {
      kind: "stack",
      items: [
        { kind: "text", text: this.summary },
        quadrantChart(this),
        stageTable(this),
        depthChart(this),
        freezeMap(this),
      ],
    };
  }

  /** All figures and the recommendation, as plain data. */
  toJSON(): StrategyFigures & { quadrant: Quadrant; recommendation: Recommendation } {
    return { ...this.figures, quadrant: this.quadrant, recommendation: this.recommendation };
  }
}
