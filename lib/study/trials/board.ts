import { type Cell, formatNumber, live, type LiveDisplay, shortened, type Spec } from "../../display/mod.ts";
import type { Epoch } from "../../training/mod.ts";
import type { Trial, TrialEvent, TrialResult } from "./trial.ts";

type State = "waiting" | "running" | "done" | "paused" | "left out" | "failed";

interface Row {
  trial: Trial;
  state: State;
  history: readonly Epoch[];
  detail?: string;
  seconds: number;
  begun?: number;
}

/** How the trials of a study stand, shown while they run: each one's state and curve, and the time left. */
export class Board {
  readonly #rows = new Map<string, Row>();
  readonly #display?: LiveDisplay;
  #log: string[] = [];

  /**
   * @param title what the study is about
   * @param labelOf what a trial is called
   */
  constructor(readonly title: string, readonly labelOf: (trial: Trial) => string, visible: boolean) {
    if (visible) this.#display = live({ kind: "progress", label: title, fraction: null });
  }

  /** Notes trials that are to be run, or to go on. */
  plan(trials: readonly Trial[]): void {
    for (const trial of trials) {
      const known = this.#rows.get(trial.id);
      this.#rows.set(trial.id, { history: [], seconds: 0, ...known, trial, state: "waiting" });
    }
    this.#show();
  }

  begin(trial: Trial): void {
    this.#change(trial, { state: "running", begun: performance.now(), detail: undefined });
  }

  tell(trial: Trial, event: TrialEvent): void {
    const row = this.#rows.get(trial.id)!;
    if (event.kind === "epoch") {
      // one that is told again was computed again, and so will be those after it
      const history = [...row.history.filter(({ epoch }) => epoch < event.epoch.epoch), event.epoch];
      this.#change(trial, { history, detail: undefined });
    } else if (event.kind === "progress") {
      this.#change(trial, { detail: `${event.label} ${formatNumber(event.share, "percent")}` });
    } else {
      this.#log = [...this.#log.slice(-4), `${this.labelOf(trial)}: ${event.text}`];
      this.#show();
    }
  }

  done(trial: Trial, { history, seconds, error, learningRate, probe }: TrialResult): void {
    const told = learningRate !== undefined
      ? `rate ${formatNumber(learningRate)}`
      : probe !== undefined
      ? `a linear head on its features: ${formatNumber(probe, "percent")}`
      : undefined;
    const detail = error ?? told;
    this.#change(trial, { state: error ? "failed" : "done", history, seconds, detail });
  }

  pause(trial: Trial, { history, seconds }: TrialResult): void {
    this.#change(trial, { state: "paused", history, seconds });
  }

  leaveOut(trial: Trial, why: string): void {
    this.#change(trial, { state: "left out", detail: why });
  }

  /** Nothing has come of it yet. */
  wait(trial: Trial): void {
    this.#change(trial, { state: "waiting", detail: undefined });
  }

  fail(trial: Trial, why: string): void {
    this.#change(trial, { state: "failed", detail: why });
  }

  /** Something that is no trial: probes, say. */
  note(label: string): void {
    this.#log = [...this.#log.slice(-4), label];
    this.#show();
  }

  /** Shows the result in the board's place. */
  async end(result: Spec): Promise<void> {
    await this.#display?.end(result);
  }

  /** Gives the place back where the study has failed. */
  async fall(): Promise<void> {
    await this.#display?.end(this.spec());
  }

  /** What there is to see at this moment. */
  spec(): Spec {
    const rows = [...this.#rows.values()];
    const table: Spec = {
      kind: "table",
      title: this.title,
      columns: [
        { label: "trial" },
        { label: "state" },
        { label: "epochs", align: "right" },
        { label: "validation accuracy", align: "right" },
        { label: "best", align: "right" },
        { label: "time", align: "right", format: "seconds" },
      ],
      rows: rows.map((row) => rowCells(row, this.labelOf(row.trial))),
    };
    const curves = rows.filter(({ history }) => history.length > 0);
    const items: Spec[] = [this.#progress(), table];
    if (curves.length) {
      items.push({
        kind: "chart",
        panels: [{
          xLabel: "epoch",
          yLabel: "validation accuracy",
          yFormat: "percent",
          series: curves.map(({ trial, history }) => ({
            name: this.labelOf(trial),
            x: history.map(({ epoch }) => epoch),
            y: history.map(({ validationAccuracy }) => validationAccuracy ?? null),
            points: true,
          })),
        }],
      });
    }
    if (this.#log.length) items.push({ kind: "text", text: this.#log.join("\n"), tone: "muted", code: true });
    return { kind: "stack", items };
  }

  #change(trial: Trial, change: Partial<Row>): void {
    this.#rows.set(trial.id, { ...this.#rows.get(trial.id)!, ...change });
    this.#show();
  }

  #show(): void {
    this.#display?.update(this.spec());
  }

  #progress(): Spec {
    const rows = [...this.#rows.values()].filter(({ trial }) => trial.task === "train");
    const wanted = ({ trial, state, history }: Row) =>
      state === "failed" || state === "left out" ? history.length : trial.pauseAfter ?? trial.epochs;
    const total = rows.reduce((sum, row) => sum + wanted(row), 0);
    const done = rows.reduce((sum, row) => sum + Math.min(wanted(row), row.history.length), 0);
    const ended = rows.filter(({ state }) => state === "done").length;
    const running = rows.filter(({ state }) => state === "running").map(({ trial }) => this.labelOf(trial));
    return {
      kind: "progress",
      label: `${ended} of ${rows.length} trials`,
      fraction: total ? done / total : null,
      detail: running.length ? running.join(", ") : undefined,
      timeLeft: this.#timeLeft(rows),
    };
  }

  /**
   * Epochs of a trial take as long as its own, or as those of trials with the same setting did, or as all did on average.
   * As many trials as run now will run at the same time.
   */
  #timeLeft(rows: readonly Row[]): number | undefined {
    const all = rows.flatMap(({ history }) => history.map(({ seconds }) => seconds));
    if (all.length === 0) return undefined;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const atOnce = Math.max(1, rows.filter(({ state }) => state === "running").length);
    const bySetting = Map.groupBy(rows, ({ trial }) => JSON.stringify(trial.setting));
    return rows.filter(({ state }) => state === "waiting" || state === "running").reduce((sum, { trial, history }) => {
      const left = (trial.pauseAfter ?? trial.epochs) - history.length;
      const alike = bySetting.get(JSON.stringify(trial.setting))!.flatMap((row) =>
        row.history.map((one) => one.seconds)
      );
      return sum + Math.max(0, left) * mean(alike.length ? alike : all) / atOnce;
    }, 0);
  }
}

const tones = {
  waiting: "muted",
  running: "accent",
  done: "good",
  paused: "neutral",
  "left out": "muted",
  failed: "bad",
} as const;

function rowCells({ trial, state, history, detail, seconds, begun }: Row, label: string): Cell[] {
  const accuracies = history.map(({ validationAccuracy }) => validationAccuracy ?? 0);
  const percent = (value: number | undefined) => value === undefined ? null : formatNumber(value, "percent");
  const time = state === "running" && begun !== undefined ? (performance.now() - begun) / 1000 : seconds;
  return [
    label,
    { text: detail ? `${state}: ${shortened(detail, 60)}` : state, title: detail, tone: tones[state] },
    trial.task !== "train" ? null : `${history.length} of ${trial.pauseAfter ?? trial.epochs}`,
    percent(accuracies.at(-1)),
    percent(accuracies.length ? Math.max(...accuracies) : undefined),
    time || null,
  ];
}
