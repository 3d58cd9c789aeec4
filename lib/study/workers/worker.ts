/**
 * A process that computes trials for another one.
 *
 * `worker.ts` takes an experiment and its trials from its standard input, line by line, and tells on its standard output what
 * comes of them. It ends when its input does, so when its owner is gone, also in the middle of a trial.
 *
 * `worker.ts EXPERIMENT.json TRIAL` computes one trial, given as JSON, of the experiment in a file, tells the same, and ends:
 * a job of a cluster. SIGTERM and SIGINT stop it after the step that it is at. Paths in the file may be relative.
 *
 * @module
 */
import type { PlainExperiment } from "../trials/experiment.ts";
import type { FromWorker, ToWorker } from "./lines.ts";

const grace = 5000;

if (import.meta.main) {
  const stop = new AbortController();
  const job = Deno.args.length > 0;
  // First of all: a notebook's stop button interrupts every process that the kernel has started. Its owner tells a worker
  // when to stop, and this default would end it before it could say anything.
  Deno.addSignalListener("SIGINT", () => job && stop.abort());
  if (job && Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stop.abort());
  Deno.exit(job ? await runJob(stop.signal) : await runOwned());
}

/** Works for an owner at the other end of stdin and stdout. */
async function runOwned(): Promise<number> {
  const { decodeLine, readLines } = await import("./lines.ts");
  const { serve } = await import("./serve.ts");
  const { TrialRunner } = await import("../trials/trial_runner.ts");
  async function* messages() {
    for await (const line of readLines(Deno.stdin.readable)) {
      const message = decodeLine<ToWorker>(line);
      if (message) yield message;
    }
    setTimeout(() => Deno.exit(1), grace); // whatever the trial is at
  }
  const send = await sender();
  await serve(messages(), send, (experiment) => new TrialRunner(experiment));
  return 0;
}

/** Computes one trial; the exit code is 1 where it failed. */
async function runJob(signal: AbortSignal): Promise<number> {
  const { serveTrial } = await import("./serve.ts");
  const { TrialRunner } = await import("../trials/trial_runner.ts");
  const { anchored } = await import("../trials/model_source.ts");
  const { plainData } = await import("../trials/data_source.ts");
  const experiment: PlainExperiment = JSON.parse(await Deno.readTextFile(Deno.args[0]));
  const here = { ...experiment, model: anchored(experiment.model), data: plainData(experiment.data) };
  const make = () => new TrialRunner(here);
  return await serveTrial(make, JSON.parse(Deno.args[1]), await sender(), signal, Deno.hostname()) ? 0 : 1;
}

async function sender(): Promise<(message: FromWorker) => void> {
  const { encodeLine } = await import("./lines.ts");
  return (message) => {
    const bytes = new TextEncoder().encode(encodeLine(message));
    try {
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // nobody listens any more
    }
  };
}
