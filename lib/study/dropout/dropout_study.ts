import type { Spec } from "../../display/mod.ts";
import type { Module } from "../../nn/mod.ts";
import type { AblationRow } from "../ablation/ablation_rows.ts";
import { type AblationFacts, AblationStudy } from "../ablation/ablation_study.ts";
import { accuracyChart, curvesCharts, dropoutTable, sizesChart } from "./dropout_displays.ts";
import type { DropoutPlace } from "./dropout_plan.ts";
import { dropoutSentence, placeSentence } from "./dropout_sentence.ts";
import type { DropoutSetting } from "./dropout_setting.ts";

/** What came of one rate, from one number of training pictures. */
export type DropoutRow = AblationRow<DropoutSetting>;

/** What {@linkcode studyDropout} has found: how a network does with each rate of dropout. */
export class DropoutStudy extends AblationStudy<DropoutSetting> {
  /**
   * @param rows what came of each rate, sizes one after the other
   * @param network makes a setting's trained network
   * @param place which layers drop
   */
  constructor(
    rows: readonly DropoutRow[],
    facts: AblationFacts,
    network: (row: DropoutRow) => Promise<Module>,
    readonly place: DropoutPlace,
  ) {
    super(rows, facts, network);
  }

  /** For each number of training pictures, which rate is best, and whether its lead is larger than the noise. */
  override get summary(): string {
    return dropoutSentence(this.rows, this.facts.validationCount);
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), place: structuredClone(this.place) };
  }

  override spec(): Spec {
    const { rows, facts, place } = this;
    if (!rows.some(({ complete }) => complete)) {
      const text = { kind: "text" as const, text: `${facts.model} on ${facts.dataset}: ${this.summary}` };
      return rows.length ? { kind: "stack", items: [text, dropoutTable(rows, facts)] } : text;
    }
    return {
      kind: "stack",
      items: [
        { kind: "text", text: `${this.summary}\n${placeSentence(place)}` },
        accuracyChart(rows, facts),
        ...sizesChart(rows),
        dropoutTable(rows, facts),
        ...curvesCharts(rows),
      ],
    };
  }
}
