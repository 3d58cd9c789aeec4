import { type Experiment, isPlain, type PlainExperiment, whyNotPlain } from "../trials/experiment.ts";
import { plainData, type PlainDataSource } from "../trials/data_source.ts";
import { anchored } from "../trials/model_source.ts";
import type { Runner } from "../trials/trial.ts";
import { LocalWorkers } from "./local.ts";
import { RayWorkers } from "./ray.ts";

/** Where a study's trials are computed: in so many processes on this machine, or on a cluster: `ray("http://head:8265")`. */
export type WorkersOption = number | RayWorkers;

/**
 * Checks a study's `workers` before anything is computed.
 *
 * @throws {TypeError} where it is no such thing, or the experiment is tied to this process
 */
export function checkWorkers(experiment: Experiment, workers: WorkersOption): asserts experiment is PlainExperiment {
  if (!(workers instanceof RayWorkers) && !(Number.isInteger(workers) && workers >= 1)) {
    throw new TypeError(
      "Cannot study: expected workers to be a whole number ≥ 1, for so many processes on this machine, or " +
        `ray("http://head:8265"), found ${typeof workers === "object" ? JSON.stringify(workers) : String(workers)}`,
    );
  }
  if (isPlain(experiment)) return;
  throw new TypeError(
    "Cannot study with workers: expected a network and data that can be made again in another process, found that " +
      `${whyNotPlain(experiment)}; name them, as in { model: "resnet18", options: { weights: "DEFAULT" } } and ` +
      '{ data: "imageFolder", folder: "photos", split: { validation: 0.2 } }, or put what makes them into a file and give ' +
      '{ module: "./net.ts", export: "network" }, or leave workers out',
  );
}

/**
 * What computes an experiment's trials outside this process.
 *
 * @throws {TypeError} as {@linkcode checkWorkers} does, {Error} where a cluster cannot be reached
 */
export async function openRunner(experiment: Experiment, workers: WorkersOption): Promise<Runner> {
  checkWorkers(experiment, workers);
  const model = anchored(experiment.model), data = plainData(experiment.data) as PlainDataSource;
  const plain = { ...experiment, model, data };
  return workers instanceof RayWorkers ? await workers.open(plain) : new LocalWorkers(plain, workers);
}
