import { precision } from "../../engine/mod.ts";
import { delay } from "../../weights/delay.ts";
import { type Runner, type Trial, type TrialEvent, type TrialResult, WorkerLost } from "../trials/trial.ts";
import { revivedError } from "./lines.ts";
import { TrialOutput } from "./output.ts";
import type { ExperimentPackage } from "./package.ts";
import type { RayOptions } from "./ray.ts";
import { HeadAway, type RayClient, type RayJob, type RaySubmission, type RequestOptions } from "./ray_client.ts";

/** How long a job may take over the step after which it is to stop, in seconds. */
const stopSeconds = 60;

/** A job that goes on, and what is known of it. */
interface Following {
  id: string;
  trial: Trial;
  output: TrialOutput;
  watch: (event: TrialEvent) => void;
  /** The last that Ray told of it. */
  job?: RayJob;
  /** How much of its log has been read. */
  read: number;
}

/** Computes each trial as a job of a Ray cluster. */
export class RayRunner implements Runner {
  readonly slots: number;
  readonly sharesFiles = false;
  readonly #running = new Set<string>();
  /** For what is not worth waiting for. */
  readonly #brief: RequestOptions;

  constructor(
    readonly client: RayClient,
    readonly options: Required<RayOptions>,
    readonly files: ExperimentPackage,
  ) {
    this.slots = options.slots;
    this.#brief = { patience: Math.min(10, options.patience) };
  }

  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    signal.throwIfAborted();
    const id = `thaw-${crypto.randomUUID().slice(0, 8)}-${trial.id}`;
    const following: Following = { id, trial, output: new TrialOutput(watch), watch, read: 0 };
    this.#running.add(id);
    try {
      await this.client.upload(this.files.name, this.files.bytes, { signal });
      await this.client.submit(this.#submission(id, trial), { signal });
      await this.#follow(following, signal);
      // One that failed can be looked at in Ray's dashboard.
      if (following.job?.status !== "FAILED") await this.client.remove(id, this.#brief).catch(() => {});
      return outcome(following);
    } catch (error) {
      if (signal.aborted) return await this.#stop(following, signal);
      if (!(error instanceof HeadAway)) throw error;
      if (following.output.outcome) return outcome(following);
      await this.client.stop(id, { patience: 0 }).catch(() => {}); // it may go on unseen
      throw lost(following, error.message);
    } finally {
      this.#running.delete(id);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((id) => this.client.stop(id, this.#brief).catch(() => {})));
  }

  #submission(id: string, trial: Trial): RaySubmission {
    const { cpus, gpus, deno, setup, env } = this.options;
    const { entry, config, experiment, name } = this.files;
    const { folder: _, ...plain } = trial; // a folder of this machine
    const worker = `exec ${deno} run -A --no-prompt --v8-flags=--expose-gc --config ${quoted(config)} ${quoted(entry)}`;
    return {
      submission_id: id,
      entrypoint: `${setup ? `${setup} && ` : ""}${worker} ${quoted(experiment)} ${quoted(JSON.stringify(plain))}`,
      entrypoint_num_cpus: cpus,
      entrypoint_num_gpus: gpus,
      runtime_env: {
        working_dir: `gcs://${name}`,
        env_vars: {
          ...(cpus >= 1 ? { THAW_THREADS: String(Math.floor(cpus)) } : {}),
          ...(precision() === "float32" ? {} : { THAW_PRECISION: precision() }),
          NO_COLOR: "1",
          RAY_JOB_STOP_WAIT_TIME_S: String(stopSeconds),
          ...env,
        },
      },
      metadata: { trial: trial.id },
    };
  }

  /** Reads a job's log until it has ended. */
  async #follow(following: Following, signal: AbortSignal): Promise<void> {
    const { id, watch } = following;
    for (;;) {
      const before = following.job?.status;
      const job = following.job = await this.client.job(id, { signal });
      if (!job) return;
      const ended = ["STOPPED", "SUCCEEDED", "FAILED"].includes(job.status);
      if (job.status !== before && !ended) {
        watch({ kind: "log", text: `Ray's job ${id}: ${job.message ?? job.status}` });
      }
      const asked = performance.now();
      if (job.driver_agent_http_address) await this.#readLog(following, ended, signal);
      if (ended) return;
      // Ray gives the whole log each time: the longer that takes, the more seldom it is asked for.
      await delay(Math.max(1000 * this.options.interval, 10 * (performance.now() - asked)), signal);
    }
  }

  /** Takes what is new in a job's log. */
  async #readLog(following: Following, ended: boolean, signal: AbortSignal): Promise<void> {
    let log: string;
    try {
      log = await this.client.log(following.id, ended ? { ...this.#brief, signal } : { patience: 0, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (ended) following.output.take(`The job's log is lost: ${(error as Error).message}`);
      return; // while it goes on, what cannot be had now can be had later
    }
    const lines = log.slice(following.read).split("\n");
    if (!ended) lines.pop(); // the last one may not be whole
    for (const line of lines) following.output.take(line);
    following.read += lines.reduce((sum, line) => sum + line.length + 1, 0);
  }

  /** Ends a job after the step that it is at, and gives what is done by then. */
  async #stop(following: Following, { reason }: AbortSignal): Promise<TrialResult> {
    try {
      await this.client.stop(following.id, this.#brief);
      if (following.job?.status === "RUNNING") {
        await this.#follow(following, AbortSignal.timeout(1000 * (stopSeconds + 30)));
        await this.client.remove(following.id, this.#brief);
      }
    } catch {
      // What counts is whether there is a result.
    }
    const { outcome } = following.output;
    if (outcome && "result" in outcome) return outcome.result;
    throw reason;
  }
}

function outcome(following: Following): TrialResult {
  const { outcome, lastLines } = following.output;
  if (outcome && "result" in outcome) return outcome.result;
  if (outcome) throw revivedError(outcome.error);
  const { job } = following;
  if (!job) throw lost(following, "expected a result, found that Ray knows no such job any more");
  const code = job.driver_exit_code;
  if (code === 126 || code === 127) {
    throw new Error(
      `Cannot run trials on Ray: expected the shell of its nodes to find deno, found exit code ${code}:\n${lastLines}\n` +
        'Install it there, or say where it is: ray(…, { deno: "/path/to/deno" })',
    );
  }
  const ended = `status ${job.status}${code == null ? "" : ` with exit code ${code}`}`;
  throw lost(following, `expected a result, found ${ended}: ${job.message?.split("\n")[0]}`);
}

function lost({ id, trial, output: { lastLines } }: Following, why: string): WorkerLost {
  const said = lastLines ? `\nIts last lines were:\n${lastLines}` : "";
  return new WorkerLost(`Lost Ray's job ${id} in the middle of trial "${trial.id}": ${why}${said}`);
}

/** A word for the shell that it takes as it is. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
