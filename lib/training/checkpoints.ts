import { join, resolve } from "node:path";
import { random } from "../engine/random.ts";
import type { Module } from "../nn/mod.ts";
import { load } from "../weights/load.ts";
import { save } from "../weights/save.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { forget } from "./best.ts";
import type { CheckpointInterval } from "./checkpoint_options.ts";
import { newestCheckpoint, writeCheckpoint, writeDurably } from "./checkpoint_folder.ts";
import type { Optimizer } from "./optimizer.ts";
import type { OptimizerState } from "./optimizer_state.ts";
import type { Run } from "./run.ts";
import type { RunData, RunRecord } from "./run_record.ts";
import { settingsOf } from "./run_settings.ts";

/** Where training stands: `batch` steps of the epoch (from 0) are done, and came to these sums. */
export interface Position {
  /** What the order of the samples follows from. */
  seed: number;
  epoch: number;
  batch: number;
  sums: { loss: number; right: number; count: number };
  /** How long the epoch has taken so far. */
  seconds: number;
}

/** What a checkpoint has beside its tensors. */
interface Note {
  kind: "thaw checkpoint";
  version: 1;
  position: Position;
  random: number[];
  optimizer: Omit<OptimizerState, "tensors">;
  identity: Identity;
  run: RunData;
}

/** What must be the same for a run to go on. */
interface Identity {
  settings: Record<string, string>;
  classes: readonly string[];
  /** Every entry of the network with its shape, and whether it trains. */
  network: Record<string, string>;
}

// What these say does not change the losses.
const free = new Set(["cache", "restore best", "metrics"]);
const inUse = new Set<string>();

/** The checkpoints of one run: `model.pth`, `optimizer.pth`, `best.pth` and `run.json` in a folder that appears whole. */
export class Checkpoints {
  #sinceSteps = 0;
  #sinceTime = performance.now();
  /** Where the newest checkpoint stands, or the run began. */
  #at = placeOf({ epoch: 0, batch: 0 });
  #closed = false;
  #holds = false;
  readonly #identity: Identity;
  readonly #path: string;

  constructor(
    readonly folder: string,
    readonly options: { resume?: boolean; checkpointEvery?: CheckpointInterval },
    readonly run: Run,
    readonly record: RunRecord,
    readonly model: Module,
    readonly optimizer: Optimizer,
    classes: readonly string[],
  ) {
    this.#identity = identityOf(record.toJSON(), model, classes);
    this.#path = resolve(folder);
  }

  /**
   * Puts network, optimizer and run into the state of the newest checkpoint.
   *
   * @returns where to go on, and what to call there; undefined where the run begins
   * @throws {Error} where there is a checkpoint and nobody said what to do with it, or it is of another run
   */
  async open(): Promise<{ position: Position; restoreRandom: () => void } | undefined> {
    if (inUse.has(this.#path)) {
      throw new Error(`Cannot fit with checkpoints in "${this.folder}": another run writes there; stop() it`);
    }
    inUse.add(this.#path);
    this.#holds = true;
    try {
      await Deno.mkdir(this.folder, { recursive: true }); // before the first epoch and not after it
    } catch (error) {
      throw new Error(`Cannot fit with checkpoints in "${this.folder}": ${(error as Error).message}`, { cause: error });
    }
    const name = await newestCheckpoint(this.folder);
    if (name === undefined || this.options.resume === false) return undefined;
    const path = join(this.folder, name);
    const note = await readNote(path);
    if (this.options.resume === undefined) {
      throw new Error(
        `Cannot fit with checkpoints in "${this.folder}": expected a folder without one, found ${name} of ` +
          `"${note.run.name}" (${note.run.history.length} epochs done); pass resume: true to go on from it, or ` +
          "resume: false to start anew",
      );
    }
    const different = differences(note.identity, this.#identity);
    if (different.length) {
      throw new Error(
        `Cannot resume from "${this.folder}": expected what it was written with, found ${different.join("; ")}; ` +
          "go on with the same, or pass resume: false to start anew",
      );
    }
    const { best } = note.run;
    const [weights, averages, kept] = await Promise.all([
      read(path, "model.pth"),
      read(path, "optimizer.pth"),
      best && read(path, "best.pth"),
    ]);
    this.optimizer.restore({ ...note.optimizer, tensors: averages }, this.model);
    this.model.loadStateDict(weights);
    this.run.history.push(...note.run.history);
    if (best && kept) this.run.best = { ...best, stateDict: kept };
    this.record.addSeconds(note.run.seconds);
    this.#at = placeOf(note.position);
    return { position: note.position, restoreRandom: () => random.restore(note.random) };
  }

  /** Called after every step: writes a checkpoint where one is due, or where the run ends here. */
  async step(position: Position, stopped: boolean): Promise<void> {
    this.#sinceSteps++;
    const { steps = Infinity, seconds = Infinity } = this.options.checkpointEvery ?? {};
    const due = this.#sinceSteps >= steps || performance.now() - this.#sinceTime >= 1000 * seconds;
    if (stopped || due) await this.write(position);
    // What a stopped run still notes is of an epoch that was broken off: whoever resumes finishes that epoch.
    this.#closed = stopped;
  }

  /** Called after every epoch: writes a checkpoint unless it is to be written only after some more of them. */
  async epoch(position: Position): Promise<void> {
    if (position.epoch % (this.options.checkpointEvery?.epochs ?? 1) === 0) await this.write(position);
  }

  /** Called where the run was stopped between two epochs: writes a checkpoint unless this moment has one. */
  async stop(position: Position): Promise<void> {
    if (placeOf(position) !== this.#at) await this.write(position);
  }

  /** Writes a checkpoint of this moment; training does not go on meanwhile. */
  async write(position: Position): Promise<void> {
    if (this.#closed) return;
    // All is taken before the first wait: other cells run while files are written.
    const weights = this.model.stateDict();
    const { tensors, ...optimizer } = this.optimizer.state(this.model);
    const best = this.run.best?.stateDict;
    const note: Note = {
      kind: "thaw checkpoint",
      version: 1,
      position: { ...position, sums: { ...position.sums } },
      random: random.save(),
      optimizer,
      identity: this.#identity,
      run: this.record.toJSON(),
    };
    try {
      await writeCheckpoint(this.folder, async (path) => {
        await save(weights, join(path, "model.pth"));
        await save(tensors, join(path, "optimizer.pth"));
        if (best) await save(best, join(path, "best.pth"));
        await writeDurably(join(path, "run.json"), JSON.stringify(note, null, 2) + "\n");
      });
    } finally {
      forget(weights);
      forget(tensors);
    }
    this.#at = placeOf(position);
    this.#sinceSteps = 0;
    this.#sinceTime = performance.now();
  }

  /** Lets other runs write to the folder. */
  close(): void {
    if (this.#holds) inUse.delete(this.#path);
  }
}

function placeOf({ epoch, batch }: { epoch: number; batch: number }): string {
  return `${epoch}/${batch}`;
}

/** Bytes and not the file: a newer checkpoint will remove it. */
async function read(path: string, name: string): Promise<StateDict> {
  return await load(await Deno.readFile(join(path, name)));
}

async function readNote(path: string): Promise<Note> {
  const fail = (found: string): never => {
    throw new TypeError(
      `Cannot read the checkpoint "${path}": expected one of fit, version 1, found ${found}; remove it, or pass ` +
        "resume: false to start anew",
    );
  };
  const text = await Deno.readTextFile(join(path, "run.json")).catch(() => fail("no run.json"));
  try {
    const note: Note = JSON.parse(text);
    return note.kind === "thaw checkpoint" && note.version === 1 ? note : fail(`version ${note.version}`);
  } catch (error) {
    if (error instanceof SyntaxError) return fail("a run.json that is not JSON");
    throw error;
  }
}

function identityOf(run: RunData, model: Module, classes: readonly string[]): Identity {
  const parameters = new Map(model.namedParameters());
  const network = model.namedState().map(([path, { shape }]) => {
    const parameter = parameters.get(path);
    return [path, `[${shape.join(", ")}]${parameter && !parameter.requiresGrad ? ", frozen" : ""}`];
  });
  const settings = [...settingsOf(run)].filter(([name]) => !free.has(name));
  return { settings: Object.fromEntries(settings), classes: [...classes], network: Object.fromEntries(network) };
}

/** What settings are where nothing is said of them. */
const UNSAID: Record<string, string> = { precision: "float32" };

/** What is different now from what was written, in words. */
function differences(written: Identity, now: Identity): string[] {
  const found: string[] = [];
  const note = (what: string, before = "none", after = "none") => {
    if (before !== after) found.push(`${what} ${after} instead of ${before}`);
  };
  for (const part of ["settings", "network"] as const) {
    for (const name of new Set([...Object.keys(written[part]), ...Object.keys(now[part])])) {
      const valueIn = (identity: Identity) => identity[part][name] ?? UNSAID[name];
      note(part === "network" ? `"${name}"` : name, valueIn(written), valueIn(now));
    }
  }
  note("class names", written.classes.join(", "), now.classes.join(", "));
  return found.length > 6 ? [...found.slice(0, 5), `${found.length - 5} more differences`] : found;
}
