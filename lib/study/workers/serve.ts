import type { PlainExperiment } from "../trials/experiment.ts";
import type { Runner, Trial } from "../trials/trial.ts";
import { type FromWorker, plainError, type ToWorker } from "./lines.ts";

/**
 * Computes the trials that come in, one at a time, until nothing more can come; a trial that goes on then is stopped.
 *
 * @param messages an experiment first, then its trials; `stop` ends the one that is going on
 * @param send tells events, and each trial's result or error
 */
export async function serve(
  messages: AsyncIterable<ToWorker>,
  send: (message: FromWorker) => void,
  makeRunner: (experiment: PlainExperiment) => Runner,
): Promise<void> {
  let experiment: PlainExperiment;
  let runner: Runner | undefined;
  let stop = new AbortController();
  let working: Promise<unknown> = Promise.resolve();
  for await (const message of messages) { // also while a trial goes on
    if (message.kind === "experiment") {
      experiment = message.experiment;
    } else if (message.kind === "trial") {
      stop = new AbortController();
      working = serveTrial(() => runner ??= makeRunner(experiment), message.trial, send, stop.signal);
    } else {
      stop.abort();
    }
  }
  stop.abort();
  await working;
  await runner?.close();
}

/**
 * Computes one trial and tells all about it, also how it failed.
 *
 * @returns whether it has a result
 */
export async function serveTrial(
  runner: () => Runner,
  trial: Trial,
  send: (message: FromWorker) => void,
  signal: AbortSignal,
  worker = `process ${Deno.pid}`,
): Promise<boolean> {
  try {
    const result = await runner().run(trial, (event) => send({ kind: "event", event }), signal);
    send({ kind: "result", result: { ...result, worker } });
    return true;
  } catch (error) {
    send({ kind: "error", error: plainError(error) });
    return false;
  }
}
