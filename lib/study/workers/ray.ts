import { checkOptions } from "../../nn/check_options.ts";
import type { PlainExperiment } from "../trials/experiment.ts";
import type { Runner } from "../trials/trial.ts";
import { packExperiment } from "./package.ts";
import { RayClient } from "./ray_client.ts";
import { RayRunner } from "./ray_runner.ts";

/** Options of {@linkcode ray}. */
export interface RayOptions {
  /** The CPUs that a trial asks for, which are also the threads that it computes with; 1. */
  cpus?: number;
  /** The GPUs that a trial asks for; 0. */
  gpus?: number;
  /** How many trials are submitted at the same time; those for which there is no room wait in Ray's queue; 4. */
  slots?: number;
  /** How Deno is called on the nodes; `deno`. */
  deno?: string;
  /** A command for the nodes' shell that runs before each trial; none. */
  setup?: string;
  /** Environment variables of the trials, such as `THAW_CACHE`. */
  env?: Record<string, string>;
  /** Files and folders that go along, besides the modules, checkpoint and pictures that the study names. */
  files?: readonly string[];
  /** Folders that all nodes find at the same path as this machine does: what is in them is not uploaded. */
  shared?: readonly string[];
  /** Headers of all requests: `{ authorization: "Bearer …" }` where the cluster asks for a token. */
  headers?: Record<string, string>;
  /** For how many seconds a head that does not answer is asked again before a trial counts as lost; 120. */
  patience?: number;
  /** How many seconds pass before a job is looked at again; 1. */
  interval?: number;
}

const defaults: Required<RayOptions> = {
  cpus: 1,
  gpus: 0,
  slots: 4,
  deno: "deno",
  setup: "",
  env: {},
  files: [],
  shared: [],
  headers: {},
  patience: 120,
  interval: 1,
};

/** A Ray cluster that is to compute trials. */
export class RayWorkers {
  /** Made by {@linkcode ray}. */
  constructor(readonly address: string, readonly options: Required<RayOptions>) {}

  /**
   * What runs an experiment's trials there.
   *
   * @throws {Error} where there is no Ray, or files that the experiment names cannot go along
   */
  async open(experiment: PlainExperiment): Promise<Runner> {
    const { headers, patience, files, shared } = this.options;
    const client = new RayClient(this.address, headers, patience);
    // Who refuses to talk is another service, or none; who is slow to answer may be a busy head.
    await client.version({ patience: Math.min(patience, 5), seconds: Math.min(patience, 60) });
    // Each job has one trial: features for the cuts of others would be in vain.
    const alone = { ...experiment, cuts: undefined };
    return new RayRunner(client, this.options, await packExperiment(alone, { files, shared }));
  }
}

/**
 * A Ray cluster, for a study's `workers`: each trial is a job of the
 * {@link https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html Ray Jobs API}.
 *
 * thaw's sources, and the modules, checkpoint and pictures of this machine that the study names, are uploaded as the jobs'
 * working directory, 100 MiB at most; what the modules read besides is named in `files`, and found there by
 * `import.meta.url`. The nodes need Deno, npm's packages through it, and, to compute fast, libtensorflow: `deno task setup` in
 * a clone, once on each node. A trial that is lost with its node is tried again. A study that is killed leaves the trials
 * that run then to their end.
 *
 * @param address of the cluster's dashboard
 * @throws {TypeError | RangeError} where the address or an option cannot be
 *
 * @example
 * ```ts
 * import { ray } from "thaw";
 *
 * const workers = ray("http://head:8265", { cpus: 4, gpus: 1, slots: 8 });
 * console.log(workers.address); // http://head:8265
 * ```
 */
export function ray(address: string, options: RayOptions = {}): RayWorkers {
  checkOptions("use Ray", options, Object.keys(defaults) as (keyof RayOptions)[]);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all: Required<RayOptions> = { ...defaults, ...given };
  const fail = (name: keyof RayOptions, expected: string): never => {
    throw new RangeError(`Cannot use Ray: expected ${name} to be ${expected}, found ${JSON.stringify(all[name])}`);
  };
  for (const name of ["cpus", "gpus", "patience", "interval"] as const) {
    if (!(Number.isFinite(all[name]) && all[name] >= 0)) fail(name, "a number ≥ 0");
  }
  if (!Number.isInteger(all.slots) || all.slots < 1) fail("slots", "a whole number ≥ 1");
  for (const name of ["deno", "setup"] as const) if (typeof all[name] !== "string") fail(name, "a text");
  for (const name of ["env", "headers"] as const) {
    if (!Object.values(all[name]).every((value) => typeof value === "string")) fail(name, "an object of texts");
  }
  for (const name of ["files", "shared"] as const) {
    if (!Array.isArray(all[name]) || !all[name].every((path) => typeof path === "string")) {
      fail(name, "an array of paths");
    }
  }
  return new RayWorkers(checkAddress(address), all);
}

function checkAddress(address: string): string {
  const url = typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new TypeError(
    "Cannot use Ray: expected the address of its dashboard, such as http://head:8265, found " +
      `${JSON.stringify(address)}${url?.protocol === "ray:" ? ", which is for Ray's client in Python" : ""}`,
  );
}
