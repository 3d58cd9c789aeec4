/** What the tests of searches share: trials that come to what a script says, computed by nobody. */
import { Board } from "../../../lib/study/trials/board.ts";
import type { Workshop } from "../../../lib/study/trials/schedule_trials.ts";
import { StudyFolder } from "../../../lib/study/trials/study_folder.ts";
import type { Runner, Trial, TrialEvent, TrialResult } from "../../../lib/study/trials/trial.ts";
import type { Epoch } from "../../../lib/training/mod.ts";

/** An epoch with this validation accuracy. */
export function epoch(number: number, validationAccuracy?: number, seconds = 1): Epoch {
  return { epoch: number, loss: 1 / number, accuracy: 0.5, validationAccuracy, learningRate: 0.1, seconds };
}

/** A result with these validation accuracies. */
export function result(id: string, accuracies: readonly number[], more: Partial<TrialResult> = {}): TrialResult {
  const history = accuracies.map((accuracy, i) => epoch(i + 1, accuracy));
  const best = history.toSorted((a, b) => b.validationAccuracy! - a.validationAccuracy!)[0];
  return {
    id,
    history,
    best,
    parameters: 100,
    trainable: 10,
    seconds: history.length,
    featureSeconds: 0,
    peakBytes: 1000,
    ...more,
  };
}

/** The first stage that trains in a trial of a split study. */
export function until({ setting }: Trial): string {
  return setting.until as string;
}

/** Computes trials as a script says. What it has trained it goes on from, as a runner does with checkpoints. */
export class ScriptedRunner implements Runner {
  readonly sharesFiles = true;
  /** The epochs that were computed, in order: `layer1 3`. */
  readonly computed: string[] = [];
  /** The questions that were asked: `layer1 probe`. */
  readonly asked: string[] = [];
  /** Called before each epoch; what it throws ends the trial. */
  beforeEpoch?: (trial: Trial, epoch: number) => void;
  running = 0;
  /** The most that were computed at the same time. */
  most = 0;

  /**
   * @param script the validation accuracy of a trial's epoch
   * @param slots how many trials at the same time
   * @param checkpoints by trial, how many epochs are done
   */
  constructor(
    readonly script: (trial: Trial, epoch: number) => number,
    readonly slots = 1,
    readonly checkpoints: Map<string, number> = new Map<string, number>(),
  ) {}

  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    this.most = Math.max(this.most, ++this.running);
    try {
      await turn();
      if (trial.task !== "train") {
        this.asked.push(`${until(trial)} ${trial.task}`);
        return result(trial.id, [], trial.task === "probe" ? { probe: 0.5 } : { learningRate: 0.1 });
      }
      const accuracies = Array.from(
        { length: this.checkpoints.get(trial.id) ?? 0 },
        (_, i) => this.script(trial, i + 1),
      );
      const before = accuracies.length;
      while (accuracies.length < (trial.pauseAfter ?? trial.epochs) && !signal.aborted) {
        const number = accuracies.length + 1;
        this.beforeEpoch?.(trial, number);
        this.computed.push(`${until(trial)} ${number}`);
        accuracies.push(this.script(trial, number));
        this.checkpoints.set(trial.id, number);
        watch({ kind: "epoch", epoch: epoch(number, accuracies.at(-1)) });
        await turn();
      }
      return result(trial.id, accuracies, { seconds: accuracies.length - before });
    } finally {
      this.running--;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Lets others run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What runs trials in a folder, and how it ends early. */
export async function workshop(
  runner: Runner,
  path: string,
  mayBegin: () => boolean = () => true,
): Promise<Workshop & { stop: AbortController; states: () => Record<string, string> }> {
  const stop = new AbortController();
  const board = new Board("Trials", ({ id }) => id, false);
  const folder = await StudyFolder.open(path, { study: "scripted" });
  const retry = { retries: 1, wait: 0 };
  return { runner, folder, board, signal: stop.signal, mayBegin, retry, stop, states: () => statesOf(board) };
}

/** The state of each trial on a board. */
export function statesOf(board: Board): Record<string, string> {
  return Object.fromEntries(tableOf(board).map(([label, state]) => [label, state]));
}

/** A board's table as texts. */
export function tableOf(board: Board): string[][] {
  const spec = board.spec();
  const table = spec.kind === "stack" ? spec.items.find((item) => item.kind === "table") : undefined;
  if (table?.kind !== "table") throw new Error("expected a table on the board");
  return table.rows.map((row) =>
    row.map((cell) => typeof cell === "object" && cell !== null && "text" in cell ? cell.text : String(cell ?? ""))
  );
}

/** Uses a folder that is removed afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
