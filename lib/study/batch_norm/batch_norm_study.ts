import type { Spec } from "../../display/mod.ts";
import type { Module } from "../../nn/mod.ts";
import type { AblationRow } from "../ablation/ablation_rows.ts";
import { type AblationFacts, AblationStudy } from "../ablation/ablation_study.ts";
import { activationCharts } from "./activation_charts.ts";
import { accuracyChart, batchNormTable, lossChart } from "./batch_norm_displays.ts";
import { batchNormSentence } from "./batch_norm_sentence.ts";
import type { BatchNormSetting } from "./batch_norm_setting.ts";
import { statisticsCharts } from "./statistics_charts.ts";

/** What came of one setting of batch norm; each run's `measured` is a {@linkcode BatchNormMeasurements}. */
export type BatchNormRow = AblationRow<BatchNormSetting>;

/** What {@linkcode studyBatchNorm} has found: how a network does with and without batch norm, or with its statistics frozen. */
export class BatchNormStudy extends AblationStudy<BatchNormSetting> {
  /**
   * @param rows what came of each setting, norm by norm
   * @param network makes a setting's trained network
   * @param chance the share of the largest class among the validation pictures
   */
  constructor(
    rows: readonly BatchNormRow[],
    facts: AblationFacts,
    network: (row: BatchNormRow) => Promise<Module>,
    readonly chance: number,
  ) {
    super(rows, facts, network);
  }

  /** Which setting is best and whether by more than noise, what broke off, how far frozen statistics moved and what it cost. */
  override get summary(): string {
    return batchNormSentence(this.rows, { ...this.facts, chance: this.chance });
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), chance: this.chance };
  }

  override spec(): Spec {
    const { rows, facts } = this;
    const judges = { ...facts, chance: this.chance };
    const text = { kind: "text" as const, text: this.summary };
    if (!this.bestSetting) {
      return {
        kind: "stack",
        items: [
          { ...text, text: `${facts.model} on ${facts.dataset}: ${this.summary}` },
          ...(rows.length ? [batchNormTable(rows, facts)] : []),
        ],
      };
    }
    return {
      kind: "stack",
      items: [
        text,
        accuracyChart(rows, facts, judges),
        batchNormTable(rows, facts),
        lossChart(rows),
        ...activationCharts(rows),
        ...statisticsCharts(rows),
      ],
    };
  }
}
