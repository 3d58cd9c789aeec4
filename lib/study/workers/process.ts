import type { PlainExperiment } from "../trials/experiment.ts";
import { type Trial, type TrialEvent, type TrialResult, WorkerLost } from "../trials/trial.ts";
import { configFlags } from "./config.ts";
import { encodeLine, readLines, revivedError, type ToWorker } from "./lines.ts";
import { TrialOutput } from "./output.ts";

const grace = 10_000;

/** Options of {@linkcode WorkerProcess}. */
export interface WorkerProcessOptions {
  /** What its environment has beside this process's own. */
  env: Record<string, string>;
  /** The module that it runs; `worker.ts` unless given. */
  entry?: string;
  /** How long it may take over a step that it is to stop after, in seconds; 60. */
  stopSeconds?: number;
}

/** A process on this machine that computes one experiment's trials, one at a time. */
export class WorkerProcess {
  /** Set as long as it may take a trial. */
  alive = true;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stopSeconds: number;
  /** Resolves with how it ended, once all that it has printed is read. */
  readonly #ended: Promise<string>;
  #output = new TrialOutput(() => {});
  #settled = () => {};

  /** Starts it; it says nothing until it is given a trial. */
  constructor(experiment: PlainExperiment, { env, entry, stopSeconds = 60 }: WorkerProcessOptions) {
    const flags = ["-A", "--no-prompt", "--v8-flags=--expose-gc", ...configFlags()];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, entry ?? import.meta.resolve("./worker.ts")],
      env: { NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: Deno.build.os !== "windows", // a process group of its own, where no interrupt comes
    }).spawn();
    this.#stopSeconds = stopSeconds;
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {}); // what matters is how the process ended
    this.#ended = this.#follow();
    this.#send({ kind: "experiment", experiment });
  }

  /** The process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Computes a trial; an abort ends it after the step that it is at, with what is done by then.
   *
   * @throws {WorkerLost} where the process ends before the trial does
   */
  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    signal.throwIfAborted();
    const output = this.#output = new TrialOutput(watch);
    const settled = new Promise<void>((resolve) => this.#settled = resolve);
    let killer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      this.#send({ kind: "stop" });
      killer = setTimeout(() => this.kill(), 1000 * this.#stopSeconds);
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      this.#send({ kind: "trial", trial });
      const ended = await Promise.race([settled, this.#ended]);
      if (output.outcome && "result" in output.outcome) return output.outcome.result;
      if (output.outcome) throw revivedError(output.outcome.error);
      signal.throwIfAborted(); // it was ended for not stopping
      throw new WorkerLost(
        `Lost the process ${this.pid} in the middle of trial "${trial.id}": expected a result, found that it ${ended}` +
          (output.lastLines ? `, after it had said:\n${output.lastLines}` : ", without a word"),
      );
    } finally {
      clearTimeout(killer);
      signal.removeEventListener("abort", stop);
      this.#output = new TrialOutput(() => {});
    }
  }

  /** Lets it end by itself, and ends it where it does not. */
  async close(): Promise<void> {
    this.alive = false;
    this.#input.close().catch(() => {});
    const killer = setTimeout(() => this.kill(), grace);
    await this.#ended;
    clearTimeout(killer);
  }

  /** Ends it at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended already
    }
  }

  #send(message: ToWorker): void {
    this.#input.write(new TextEncoder().encode(encodeLine(message))).catch(() => {}); // it has ended: said elsewhere
  }

  async #follow(): Promise<string> {
    const [{ code, signal }] = await Promise.all([
      this.#child.status,
      this.#read(this.#child.stdout),
      this.#read(this.#child.stderr),
    ]);
    this.alive = false;
    if (!signal) return `ended with exit code ${code}`;
    return `was ended by ${signal}` +
      (signal === "SIGKILL" ? " (as the system does where memory runs out; fewer workers need less)" : "");
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const line of readLines(stream)) {
        this.#output.take(line);
        if (this.#output.outcome) this.#settled();
      }
    } catch {
      // the process is gone
    }
  }
}
