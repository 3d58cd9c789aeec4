import { delay } from "../../weights/delay.ts";
import { WorkerLost } from "../trials/trial.ts";

/** A job as Ray tells of it. */
export interface RayJob {
  status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  message?: string | null;
  /** Set once it runs on some node. */
  driver_agent_http_address?: string | null;
  driver_exit_code?: number | null;
}

/** What is asked of Ray: https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html */
export interface RaySubmission {
  submission_id: string;
  /** A line for the shell. */
  entrypoint: string;
  entrypoint_num_cpus: number;
  entrypoint_num_gpus: number;
  runtime_env: { working_dir: string; env_vars: Record<string, string> };
  metadata: Record<string, string>;
}

/** Ray's head does not answer. */
export class HeadAway extends WorkerLost {}

/** How a request is made. */
export interface RequestOptions {
  /** For how many seconds it is tried again where the head does not answer, or answers nonsense. */
  patience?: number;
  /** How many seconds one attempt may take; 30. */
  seconds?: number;
  /** Gives up. */
  signal?: AbortSignal;
}

/** Ray's Jobs API, as far as trials need it. */
export class RayClient {
  readonly #headers: Record<string, string>;
  readonly #patience: number;

  /**
   * @param address of the dashboard: `http://head:8265`
   * @param headers sent with each request
   * @param patience for how many seconds a head may be away
   */
  constructor(readonly address: string, headers: Record<string, string>, patience: number) {
    this.#headers = headers;
    this.#patience = patience;
  }

  /**
   * Ray's version.
   *
   * @throws {Error} where there is no Ray at this address
   */
  async version(options: RequestOptions = {}): Promise<string> {
    try {
      const { ray_version } = await this.#json<{ ray_version?: string }>("GET", "/api/version", options) ?? {};
      if (ray_version) return ray_version;
      throw new Error("another service");
    } catch (error) {
      options.signal?.throwIfAborted();
      const found = error instanceof HeadAway ? error.cause : (error as Error).message;
      throw new Error(
        `Cannot reach Ray at ${this.address}: expected its dashboard, which answers /api/version, found ${found}; start it ` +
          "with ray start --head --dashboard-host=0.0.0.0, or correct the address (its port is 8265 unless set)",
      );
    }
  }

  /** Puts a package into the cluster, unless it is there. */
  async upload(name: string, bytes: Uint8Array<ArrayBuffer>, options?: RequestOptions): Promise<void> {
    const path = `/api/packages/gcs/${name}`;
    if (await this.#request("GET", path, options) !== undefined) return;
    await this.#request("PUT", path, { ...options, body: bytes, seconds: 600 });
  }

  /** Submits a job; one that is there already by this name, after an answer that was lost on its way, is the same. */
  async submit(job: RaySubmission, options?: RequestOptions): Promise<void> {
    try {
      await this.#request("POST", "/api/jobs/", { ...options, body: JSON.stringify(job) });
    } catch (error) {
      if (!/already exists/.test((error as Error).message)) throw error;
    }
  }

  /** How a job is; undefined where Ray knows none of this name. */
  job(id: string, options?: RequestOptions): Promise<RayJob | undefined> {
    return this.#json<RayJob>("GET", `/api/jobs/${id}`, options);
  }

  /** All that a job has printed so far. */
  async log(id: string, options?: RequestOptions): Promise<string> {
    return (await this.#json<{ logs?: string }>("GET", `/api/jobs/${id}/logs`, options))?.logs ?? "";
  }

  /** Asks a job to end. */
  async stop(id: string, options?: RequestOptions): Promise<void> {
    await this.#request("POST", `/api/jobs/${id}/stop`, options);
  }

  /** Forgets a job that has ended. */
  async remove(id: string, options?: RequestOptions): Promise<void> {
    await this.#request("DELETE", `/api/jobs/${id}`, options);
  }

  async #json<T>(method: string, path: string, options?: RequestOptions): Promise<T | undefined> {
    return await this.#request(method, path, { ...options, read: (text) => JSON.parse(text) }) as T | undefined;
  }

  /**
   * @returns the answer; undefined for "not found"
   * @throws {Error} where Ray refuses, {HeadAway} where it does not answer for too long
   */
  async #request(
    method: string,
    path: string,
    { patience = this.#patience, seconds = 30, signal, body, read = (text) => text }: RequestOptions & {
      body?: BodyInit;
      read?: (text: string) => unknown;
    } = {},
  ): Promise<unknown> {
    const started = performance.now();
    for (let wait = 500;; wait = Math.min(2 * wait, 15_000)) {
      let found: string;
      try {
        const limit = AbortSignal.timeout(1000 * seconds);
        const response = await fetch(this.address + path, {
          method,
          body,
          headers: { ...(typeof body === "string" ? { "content-type": "application/json" } : {}), ...this.#headers },
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
        const text = await response.text();
        if (response.ok) return read(text);
        if (response.status === 404) return undefined;
        found = `status ${response.status}: ${lastLine(text)}`;
        // Where a node refuses, the head calls it an error of its own.
        const refused = response.status < 500 && response.status !== 429;
        if (refused || text.includes("status code 400")) {
          throw new Refusal(`Ray at ${this.address} refuses ${method} ${path}: ${found}\n${text.trim()}`);
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Refusal) throw error;
        found = describe(error as Error, seconds);
      }
      const since = (performance.now() - started) / 1000;
      if (since + wait / 1000 > patience) {
        throw new HeadAway(
          `Cannot reach Ray at ${this.address}: expected an answer to ${method} ${path} within ${patience} s, found ${found}`,
          { cause: found },
        );
      }
      await delay(wait, signal);
    }
  }
}

class Refusal extends Error {}

function describe(error: Error, seconds: number): string {
  if (error.name === "TimeoutError") return `none within ${seconds} s`;
  if (error instanceof SyntaxError) return "an answer that is no JSON";
  return error.message;
}

/** What a Python traceback comes to. */
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!.slice(0, 500);
}
