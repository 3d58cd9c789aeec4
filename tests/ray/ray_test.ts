/**
 * Trials on a real Ray cluster, started for them on this machine. `deno task ray` runs this with a Python that has
 * ray[default], named by THAW_RAY_PYTHON; where Ray does not start, this fails.
 */
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { engine, models, save, type SplitStudy, studySplits } from "../../mod.ts";
import type { PlainExperiment } from "../../lib/study/trials/experiment.ts";
import { runWithRetries } from "../../lib/study/trials/retry.ts";
import { type Trial, type TrialResult, WorkerLost } from "../../lib/study/trials/trial.ts";
import { TrialRunner } from "../../lib/study/trials/trial_runner.ts";
import { ray, type RayOptions } from "../../lib/study/workers/ray.ts";
import { openRunner } from "../../lib/study/workers/workers.ts";
import { experiment, trial } from "../study/workers/small.ts";
import { assertSameResult, eventually, isRunning, never, watching } from "../study/workers/support.ts";
import { startHead } from "./cluster.ts";

const python = Deno.env.get("THAW_RAY_PYTHON");
if (!python) throw new Error("Cannot test with Ray: expected THAW_RAY_PYTHON, found none; run deno task ray");
// As many threads add up in the same order: only then are large networks' figures the same to the last digits.
const cpus = engine().threads;
const head = await startHead(python, { cpus: Math.max(2, cpus), gpus: 1 });

const options: RayOptions = { deno: Deno.execPath(), interval: 0.2, slots: 2, env: { TF_CPP_MIN_LOG_LEVEL: "2" } };

/** All of the network trains, so that each epoch waits for its pictures. */
const everything = { until: "0", start: "pretrained" };

/** What computes an experiment's trials on the cluster. */
function onRay(experiment: PlainExperiment, more: RayOptions = {}) {
  return openRunner(experiment, ray(head.address, { ...options, ...more }));
}

/** What trials come to in this process. */
async function here(experiment: PlainExperiment, trials: Trial[]): Promise<TrialResult[]> {
  const runner = new TrialRunner(experiment);
  const results: TrialResult[] = [];
  for (const one of trials) results.push(await runner.run(one, () => {}, never));
  await runner.close();
  return results;
}

async function jobs(): Promise<{ submission_id: string; status: string; metadata: { trial: string } | null }[]> {
  return await (await fetch(`${head.address}/api/jobs/`)).json();
}

Deno.test("on Ray: trials come to what they come to here, one by one", async () => {
  const trials = [
    trial("head", { setting: { until: "5", start: "pretrained" } }),
    trial("all", { setting: everything, seed: 4 }),
    trial("anew", { setting: { until: "5", start: "AnB" }, seed: 5, epochs: 5 }),
    trial("anew-all", { setting: { until: "5", start: "AnB+" }, learningRate: 0.005 }),
  ];
  const runner = await onRay(experiment());
  const results = await Promise.all(trials.map((one) => runner.run(one, () => {}, never))); // two of them wait for CPUs
  const expected = await here(experiment(), trials);
  results.forEach((result, i) => assertSameResult(result, expected[i]));
  assertEquals(results.map(({ worker }) => worker), Array(4).fill(Deno.hostname()));
  assertEquals((await jobs()).filter(({ metadata }) => metadata?.trial), []); // nothing is left in the list
  await runner.close();
});

Deno.test("on Ray: a real network, pretrained, on the emoji", async () => {
  const study: PlainExperiment = {
    kind: "splits",
    model: { model: "efficientnet_lite0", options: { weights: "DEFAULT" } },
    data: { data: "emoji", options: { size: 90 }, split: { validation: 0.2, seed: 1 } },
    options: {
      batchSize: 24,
      transforms: { ...models.info("efficientnet_lite0").weights.DEFAULT.transforms, resize: 64, crop: 64 },
    },
  };
  const trials = ["classifier", "features.8"].map((until) =>
    trial(until, { setting: { until, start: "pretrained" }, epochs: 2, learningRate: 0.002 })
  );
  const runner = await onRay(study, { cpus });
  const expected = await here(study, trials);
  for (const [i, one] of trials.entries()) assertSameResult(await runner.run(one, () => {}, never), expected[i]);
  await runner.close();
});

Deno.test("on Ray: a checkpoint and pictures of this machine go along", async () => {
  const folder = await Deno.makeTempDir();
  for (const [i, color] of ["red", "green", "blue"].entries()) {
    for (let n = 0; n < 12; n++) {
      const file = join(folder, "photos", color, `${n}.svg`);
      await Deno.mkdir(dirname(file), { recursive: true });
      const fill = `hsl(${120 * i + 2 * n} 60% ${30 + 2 * n}%)`;
      await Deno.writeTextFile(
        file,
        `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="${fill}"/></svg>`,
      );
    }
  }
  const model = models.resnet18({ numClasses: 3 });
  await save(model.stateDict(), join(folder, "start.pth"));
  const study: PlainExperiment = {
    kind: "splits",
    model: { model: "resnet18", checkpoint: join(folder, "start.pth") },
    data: { data: "imageFolder", folder: join(folder, "photos"), split: { validation: 0.25, seed: 1 } },
    options: {
      batchSize: 9,
      transforms: { resize: 32, crop: 32, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    },
  };
  const one = trial("checkpoint", { setting: { until: "layer4", start: "pretrained" }, epochs: 2 });
  const runner = await onRay(study, { cpus });
  assertSameResult(await runner.run(one, () => {}, never), (await here(study, [one]))[0]);
  await runner.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("on Ray: epochs and prints arrive while the trial goes on; it has the CPUs and GPUs that it asked for", async () => {
  const runner = await onRay(experiment({ prints: "GPU" }, { delay: 200 }), { gpus: 1, cpus: 2 });
  const { watch, first, logs } = watching();
  let ended = false;
  const running = runner.run(trial("live", { setting: everything, epochs: 6 }), watch, never).finally(() =>
    ended = true
  );
  await first(({ kind }) => kind === "epoch");
  assert(!ended);
  assertStringIncludes(logs(), "::thaw:: GPU");
  assertStringIncludes(logs(), "GPUs 0, threads 2");
  assertEquals((await jobs()).find(({ metadata }) => metadata?.trial === "live")?.status, "RUNNING");
  assertEquals((await running).history.length, 6);
  await runner.close();
});

Deno.test("on Ray: a job that is killed is lost; tried again, it comes to the same", async () => {
  const slow = experiment({ prints: "" }, { delay: 100 });
  const runner = await onRay(slow);
  const one = trial("killed", { setting: everything, epochs: 10 });
  const { watch, first, logs, events } = watching();
  const running = runWithRetries(runner, one, watch, never, { retries: 2, wait: 0 });
  await first(({ kind }) => kind === "epoch");
  const pid = Number(/^pid (\d+)/m.exec(logs())![1]);
  Deno.kill(pid, "SIGKILL");
  const result = await running;
  assertSameResult(result, (await here(experiment(), [one]))[0]);
  assertStringIncludes(
    logs(),
    'in the middle of trial "killed": expected a result, found status FAILED with exit code',
  );
  assertStringIncludes(logs(), "Trying killed again, 1 of 2 times");
  assertNotEquals([...logs().matchAll(/^pid (\d+)/gm)].at(-1)![1], String(pid));
  assert(events.filter(({ kind }) => kind === "epoch").length > 10); // those of the first try, too
  await runner.close();
});

Deno.test("on Ray: a node that is lost costs its trials, which are computed again elsewhere", async () => {
  const node = await head.addNode(cpus + 2); // more than the head has, so that the first try goes there
  const slow = experiment({ prints: "" }, { delay: 100 });
  const one = trial("astray", { epochs: 3 });
  const away = await onRay(slow, { cpus: cpus + 2 });
  const { watch, first } = watching();
  const lost = assertRejects(() => away.run(trial("astray", { epochs: 1000 }), watch, never), WorkerLost, "astray");
  await first(({ kind }) => kind === "epoch"); // its log comes from the other node
  await node.kill();
  await lost;
  const again = await onRay(slow);
  assertSameResult(await again.run(one, () => {}, never), (await here(experiment(), [one]))[0]);
  await away.close();
  await again.close();
});

Deno.test("on Ray: a trial's own error is not a lost worker", async () => {
  const runner = await onRay(experiment({ dies: "throw" }));
  const run = runWithRetries(runner, trial("wrong"), () => {}, never, { wait: 0 });
  await assertRejects(() => run, RangeError, "Cannot make the network: expected ½ a reason, found ünsound ones");
  assertEquals((await jobs()).filter(({ metadata }) => metadata?.trial === "wrong").length, 1);
  await runner.close();
});

Deno.test("on Ray: a stop ends the job after its step, and what is done is there", async () => {
  const runner = await onRay(experiment({ prints: "" }, { delay: 100 }));
  const { watch, first, logs } = watching();
  const stop = new AbortController();
  const running = runner.run(trial("stopped", { epochs: 1000 }), watch, stop.signal);
  await first(({ kind }) => kind === "epoch");
  stop.abort();
  const { history, best } = await running;
  assert(history.length >= 1 && history.length < 100 && best !== undefined, `${history.length} epochs`);
  const pid = Number(/^pid (\d+)/m.exec(logs())![1]);
  await eventually("the worker has ended", async () => !(await isRunning(pid)));
  await runner.close();
});

Deno.test("on Ray: what there is no room for waits, and can be stopped", async () => {
  const runner = await onRay(experiment(), { gpus: 5 });
  const { watch, first } = watching();
  const stop = new AbortController();
  const running = runner.run(trial("waiting"), watch, stop.signal);
  await first((event) => event.kind === "log" && event.text.includes("waiting for resources"));
  stop.abort();
  await assertRejects(() => running, DOMException, "aborted");
  await runner.close();
});

Deno.test("on Ray: a whole study comes to what it comes to here", async () => {
  const { model, data } = experiment();
  const settings = { splits: ["0", "5"], epochs: 2, seeds: [1, 2], batchSize: 15, learningRate: 0.02, display: false };
  const local = await studySplits(model, data, settings);
  const study = await studySplits(model, data, { ...settings, workers: ray(head.address, options) });
  const figures = (one: SplitStudy) =>
    one.rows.map(({ label, parameters, trainable, complete, accuracy: { mean, count } }) => [
      ...[label, parameters, trainable, complete, count],
      mean.toFixed(6),
    ]);
  assertEquals(figures(study), figures(local));
  const losses = (one: SplitStudy) =>
    one.rows.flatMap(({ curves }) => curves.flatMap(({ history }) => history.map(({ loss }) => loss.toFixed(5))));
  assertEquals(losses(study), losses(local));
  assertEquals((await study.best()).classes, ["0", "1", "2"]);
});

Deno.test("on Ray: nodes where there is no deno", async () => {
  const runner = await onRay(experiment(), { deno: "deno-of-the-future" });
  await assertRejects(
    () => runner.run(trial("nowhere"), () => {}, never),
    Error,
    "Cannot run trials on Ray: expected the shell of its nodes to find deno, found exit code 127",
  );
  await runner.close();
});

Deno.test("on Ray: a setting-up command runs first", async () => {
  const runner = await onRay(experiment(), { setup: "echo set up on $(hostname)" });
  const { watch, logs } = watching();
  await runner.run(trial("set-up", { epochs: 1 }), watch, never);
  assertStringIncludes(logs(), `set up on ${Deno.hostname()}`);
  await runner.close();
});

Deno.test("on Ray: the cluster ends", async () => {
  await head.stop();
  await assertRejects(
    () => onRay(experiment(), { patience: 1 }),
    Error,
    `Cannot reach Ray at ${head.address}: expected its dashboard`,
  );
});
