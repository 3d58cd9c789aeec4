import { engine, precision, tensorMemory } from "../../engine/mod.ts";
import type { PlainExperiment } from "../trials/experiment.ts";
import type { Runner, Trial, TrialEvent, TrialResult } from "../trials/trial.ts";
import { WorkerProcess, type WorkerProcessOptions } from "./process.ts";

/**
 * Computes trials in other processes on this machine, each with its share of the cores and of the memory for features.
 *
 * A process starts when it is first needed, stays for further trials, and is replaced where it broke down.
 */
export class LocalWorkers implements Runner {
  readonly slots: number;
  readonly sharesFiles = true;
  readonly #experiment: PlainExperiment;
  readonly #options: WorkerProcessOptions;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];

  /** @param slots how many processes there are at most */
  constructor(experiment: PlainExperiment, slots: number, options: Partial<WorkerProcessOptions> = {}) {
    this.slots = slots;
    this.#experiment = experiment;
    this.#options = { ...options, env: { ...shares(slots), ...options.env } };
  }

  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    const worker = this.#take();
    try {
      return await worker.run(trial, watch, signal);
    } finally {
      if (worker.alive) this.#idle.push(worker);
      else this.#all.delete(worker);
    }
  }

  async close(): Promise<void> {
    this.#idle.length = 0;
    await Promise.all([...this.#all].map((worker) => worker.close()));
    this.#all.clear();
  }

  #take(): WorkerProcess {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.alive) return worker;
      this.#all.delete(worker);
    }
    const started = new WorkerProcess(this.#experiment, this.#options);
    this.#all.add(started);
    return started;
  }
}

/** Environment variables that make `slots` processes get along with each other, and compute with what this one does. */
function shares(slots: number): Record<string, string> {
  const wanted = {
    THAW_ENGINE: engine().backend,
    THAW_THREADS: String(Math.max(1, Math.floor(navigator.hardwareConcurrency / slots))),
    THAW_CACHE_BYTES: String(Math.floor(tensorMemory() / 4 / slots)),
  };
  const free = Object.entries(wanted).filter(([name]) => !Deno.env.get(name));
  return { ...Object.fromEntries(free), THAW_PRECISION: precision() }; // usePrecision may have changed it since the start
}
