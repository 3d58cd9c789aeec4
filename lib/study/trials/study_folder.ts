import { join } from "node:path";
import { writeDurably } from "../../training/checkpoint_folder.ts";
import type { Json, Trial, TrialResult } from "./trial.ts";

const kind = "thaw study", version = 1;

/**
 * Where a study keeps what is done: `study.json` says what it is, `trials/ID/result.json` what came of each trial, beside its
 * checkpoint and its best weights. A process that is killed at any moment leaves whole files; the next one goes on from them.
 */
export class StudyFolder {
  readonly #results = new Map<string, TrialResult>();

  private constructor(readonly path: string) {}

  /**
   * Opens a folder: a new one, or one in which the same study was begun.
   *
   * @param path made where it is not there
   * @param identity what must be the same for the study to go on
   * @throws {Error} where another study is in it
   */
  static async open(path: string, identity: { readonly [name: string]: Json }): Promise<StudyFolder> {
    const folder = new StudyFolder(path);
    await Deno.mkdir(join(path, "trials"), { recursive: true });
    const found = await readJson(join(path, "study.json")) as Json | undefined;
    const own = { kind, version, ...identity };
    if (found === undefined) {
      await replace(join(path, "study.json"), own);
      return folder;
    }
    const different = differences(found, own);
    if (different.length) {
      throw new Error(
        `Cannot go on with the study in "${path}": expected the same one, found ${different.join("; ")}; ` +
          "call it as it was begun, or give another folder",
      );
    }
    for await (const { name, isDirectory } of Deno.readDir(join(path, "trials"))) {
      if (!isDirectory) continue; // such as a file manager's
      const result = await readJson(join(path, "trials", name, "result.json")) as TrialResult | undefined;
      if (result) folder.#results.set(result.id, result);
    }
    return folder;
  }

  /** Where a trial keeps its files. */
  trialFolder(id: string): string {
    return join(this.path, "trials", id);
  }

  /** What came of a trial so far. */
  result(id: string): TrialResult | undefined {
    return this.#results.get(id);
  }

  /** Whether what is asked of a trial is done: enough epochs, a learning rate, or an end before its time. */
  isDone(trial: Trial): boolean {
    const result = this.#results.get(trial.id);
    if (!result) return false;
    if (result.error !== undefined) return true;
    if (trial.task === "rate") return result.learningRate !== undefined;
    if (trial.task === "probe") return result.probe !== undefined;
    return result.history.length >= (trial.pauseAfter ?? trial.epochs);
  }

  /** How much has been done of trials: epochs, and seconds, those that went into features among them. */
  spent(trials: readonly Trial[]): { epochs: number; seconds: number; featureSeconds: number } {
    const results = trials.flatMap(({ id }) => this.#results.get(id) ?? []);
    const sum = (value: (result: TrialResult) => number) => results.reduce((total, one) => total + value(one), 0);
    return {
      epochs: sum(({ history }) => history.length),
      seconds: sum(({ seconds }) => seconds),
      featureSeconds: sum(({ featureSeconds }) => featureSeconds),
    };
  }

  /** Notes what came of a trial; the time of its earlier parts is added. */
  async note(result: TrialResult): Promise<TrialResult> {
    const before = this.#results.get(result.id);
    const sum = before
      ? {
        ...result,
        seconds: before.seconds + result.seconds,
        featureSeconds: before.featureSeconds + result.featureSeconds,
        peakBytes: Math.max(before.peakBytes, result.peakBytes),
      }
      : result;
    const whole: TrialResult = JSON.parse(JSON.stringify(sum)); // what a later process will find, to the letter
    await Deno.mkdir(this.trialFolder(result.id), { recursive: true });
    await replace(join(this.trialFolder(result.id), "result.json"), whole as unknown as Json);
    this.#results.set(result.id, whole);
    return whole;
  }

  /** Removes a trial's checkpoint, and its weights too where they are not worth keeping. */
  async tidy(id: string, keepWeights: boolean): Promise<void> {
    const gone = ["checkpoint", ...(keepWeights ? [] : ["best.pth"])];
    for (const name of gone) {
      await Deno.remove(join(this.trialFolder(id), name), { recursive: true }).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }
}

async function replace(path: string, value: Json): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  await writeDurably(temporary, JSON.stringify(value, null, 2) + "\n");
  await Deno.rename(temporary, path);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new TypeError(
      `Cannot read "${path}": expected JSON that a study wrote, found something else; remove the folder`,
    );
  }
}

/** What is not the same, in words. */
function differences(found: Json, own: { readonly [name: string]: Json }): string[] {
  const written = (typeof found === "object" && found !== null && !Array.isArray(found) ? found : {}) as Record<
    string,
    Json
  >;
  const text = (value: Json | undefined) => {
    const json = JSON.stringify(value) ?? "none";
    return json.length > 120 ? `${json.slice(0, 117)}…` : json;
  };
  return [...new Set([...Object.keys(written), ...Object.keys(own)])]
    .filter((name) => JSON.stringify(written[name]) !== JSON.stringify(own[name]))
    .map((name) => `${name} ${text(written[name])} instead of ${text(own[name])}`);
}
