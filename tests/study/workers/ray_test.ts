import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ray, type RayOptions } from "../../../lib/study/workers/ray.ts";
import { RayClient } from "../../../lib/study/workers/ray_client.ts";
import { RayRunner } from "../../../lib/study/workers/ray_runner.ts";
import { WorkerLost } from "../../../lib/study/trials/trial.ts";
import { type FakeRay, fakeRay, result, said, saidEpoch, type Script, type Trouble } from "./fake_ray.ts";
import { experiment, trial } from "./small.ts";
import { eventually, never, watching } from "./support.ts";

const files = {
  name: "_ray_pkg_0123.zip",
  bytes: new Uint8Array([1, 2, 3]),
  entry: "thaw/lib/worker.ts",
  config: "thaw/deno.json",
  experiment: "experiment.json",
};
const fine: Script = {
  log: ["INFO setting up\n", saidEpoch(1), saidEpoch(2), said({ kind: "result", result: result("a") })],
  end: "SUCCEEDED",
};

function runner(fake: FakeRay, options: RayOptions = {}): RayRunner {
  const { address, options: all } = ray(fake.url, { interval: 0.01, patience: 4, ...options });
  return new RayRunner(new RayClient(address, all.headers, all.patience), all, files);
}

Deno.test("ray: a trial is a job: uploaded, submitted, followed, removed", async () => {
  await using fake = fakeRay(fine, fine);
  const { events, watch } = watching();
  const settings = { cpus: 3, gpus: 0.5, deno: "/opt/deno", setup: "source env.sh", env: { THAW_CACHE: "/data" } };
  const run = runner(fake, settings);
  const quoted = trial("a", { setting: { until: "it's $HOME" }, folder: "/home/me/study" });
  assertEquals(await run.run(quoted, watch, never), result("a"));
  const [{ submission_id: id, entrypoint, ...submitted }] = fake.submissions;
  assert(/^thaw-[0-9a-f]{8}-a$/.test(id), id);
  assertEquals(
    entrypoint,
    "source env.sh && exec /opt/deno run -A --no-prompt --v8-flags=--expose-gc --config 'thaw/deno.json' " +
      `'thaw/lib/worker.ts' 'experiment.json' '{"id":"a","setting":{"until":"it'\\''s $HOME"},"seed":3,"task":"train",` +
      `"epochs":3}'`,
  );
  assertEquals(submitted, {
    entrypoint_num_cpus: 3,
    entrypoint_num_gpus: 0.5,
    runtime_env: {
      working_dir: "gcs://_ray_pkg_0123.zip",
      env_vars: { THAW_THREADS: "3", NO_COLOR: "1", RAY_JOB_STOP_WAIT_TIME_S: "60", THAW_CACHE: "/data" },
    },
    metadata: { trial: "a" },
  });
  assertEquals(
    events.filter(({ kind }) => kind === "epoch").map((event) => event.kind === "epoch" && event.epoch.epoch),
    [
      1,
      2,
    ],
  );
  assertEquals(fake.packages.get(files.name), files.bytes);
  assertEquals(fake.requests.at(-1), `DELETE /api/jobs/${id}`);
  await run.run(trial("a"), watch, never);
  assertEquals(fake.requests.filter((asked) => asked.startsWith("PUT")).length, 1); // what is there is not sent again
});

Deno.test("ray: a log that comes in pieces, cut anywhere, tells each thing once", async () => {
  const log = `hello${saidEpoch(1)}wörld\nhalf a line${said({ kind: "result", result: result("a") })}`;
  for (const size of [1, 7, 50]) {
    const pieces = Array.from({ length: Math.ceil(log.length / size) }, (_, i) => log.slice(i * size, (i + 1) * size));
    await using fake = fakeRay({ log: pieces, end: "SUCCEEDED" });
    const { events, watch } = watching();
    assertEquals(await runner(fake, { interval: 0 }).run(trial("a"), watch, never), result("a"));
    const told = events.map((event) => event.kind === "log" ? event.text : event.kind);
    assertEquals(told.slice(1), ["hello", "epoch", "wörld", "half a line"]);
  }
});

Deno.test("ray: a head that is away for a while, or talks nonsense, costs no trial", async () => {
  await using fake = fakeRay({ ...fine, pending: 1 });
  const troubles: [string, Trouble[]][] = [
    ["GET /api/packages/", ["broken"]],
    ["PUT /api/packages/", [503]],
    ["POST /api/jobs/", [500]],
    ["GET /api/jobs/", ["garbage", 500, "broken"]],
  ];
  for (const [beginning, several] of troubles) fake.troubles.set(beginning, several);
  assertEquals(await runner(fake, { patience: 10 }).run(trial("a"), () => {}, never), result("a"));
  assert([...fake.troubles.values()].every((left) => left.length === 0));
  assertEquals(fake.submissions.length, 1);
});

Deno.test("ray: a job whose submission was answered too late is not submitted twice", async () => {
  await using fake = fakeRay(fine);
  fake.loses = true;
  fake.troubles.set("POST /api/jobs/", [504]);
  assertEquals(await runner(fake).run(trial("a"), () => {}, never), result("a"));
  assertEquals(fake.submissions.length, 1);
});

Deno.test("ray: a job that fails is lost, with its last lines, and stays to be looked at", async () => {
  await using fake = fakeRay({
    log: [saidEpoch(1), "Killed by the memory monitor\n"],
    end: "FAILED",
    code: 137,
    message: "Job entrypoint command failed with exit code 137, last available logs:\nand more",
  });
  const run = runner(fake).run(trial("a"), () => {}, never);
  const { message } = await assertRejects(() => run, WorkerLost);
  assertEquals(
    message,
    `Lost Ray's job ${
      fake.submissions[0].submission_id
    } in the middle of trial "a": expected a result, found status FAILED ` +
      "with exit code 137: Job entrypoint command failed with exit code 137, last available logs:\nIts last lines were:\n" +
      "Killed by the memory monitor",
  );
  assert(!fake.requests.some((asked) => asked.startsWith("DELETE")));
});

Deno.test("ray: a trial's own error arrives as it is", async () => {
  const error = { name: "RangeError", message: "Cannot freeze: expected a stage" };
  await using fake = fakeRay({ log: ["x\n", said({ kind: "error", error })], end: "FAILED", code: 1 });
  await assertRejects(() => runner(fake).run(trial("a"), () => {}, never), RangeError, error.message);
});

Deno.test("ray: nodes without deno are no lost workers", async () => {
  await using fake = fakeRay({ log: ["sh: 1: exec: deno: not found\n"], end: "FAILED", code: 127 });
  const { message, name } = await assertRejects(() => runner(fake).run(trial("a"), () => {}, never), Error);
  assertEquals(
    message,
    "Cannot run trials on Ray: expected the shell of its nodes to find deno, found exit code 127:\n" +
      'sh: 1: exec: deno: not found\nInstall it there, or say where it is: ray(…, { deno: "/path/to/deno" })',
  );
  assertEquals(name, "Error");
});

Deno.test("ray: a job that Ray has forgotten is lost", async () => {
  await using fake = fakeRay({ ...fine, log: [...fine.log.slice(0, 2), ...Array(1000).fill("")] });
  const { watch, first } = watching();
  const running = runner(fake).run(trial("a"), watch, never);
  await first(({ kind }) => kind === "epoch");
  fake.forgets = true;
  await assertRejects(() => running, WorkerLost, "expected a result, found that Ray knows no such job any more");
});

Deno.test("ray: a job that has ended without a word is lost, also where its log is", async () => {
  await using fake = fakeRay({ log: [], end: "SUCCEEDED" }, fine);
  const run = runner(fake, { patience: 0.7 });
  await assertRejects(
    () => run.run(trial("a"), () => {}, never),
    WorkerLost,
    "found status SUCCEEDED with exit code 0",
  );
  fake.troubles.set("logs", Array(1000).fill(500));
  const { message } = await assertRejects(() => run.run(trial("a"), () => {}, never), WorkerLost);
  assertStringIncludes(message, "The job's log is lost: Cannot reach Ray at");
});

Deno.test("ray: a result that has arrived counts, also where the head goes away after it", async () => {
  await using fake = fakeRay({ ...fine, log: [...fine.log, ...Array(1000).fill("")] });
  const { watch } = watching();
  const running = runner(fake, { patience: 0.7 }).run(trial("a"), watch, never);
  await eventually("the job's end is in its log", () => fake.requests.length > 15);
  fake.troubles.set("GET /api/jobs/", Array(1000).fill(502));
  assertEquals(await running, result("a"));
});

Deno.test("ray: a head that stays away costs the trial, not more", async () => {
  await using fake = fakeRay({ ...fine, log: [saidEpoch(1), ...Array(1000).fill("")] });
  const { watch, first } = watching();
  const running = runner(fake, { patience: 0.8 }).run(trial("a"), watch, never);
  await first(({ kind }) => kind === "epoch");
  fake.troubles.set("GET /api/jobs/", Array(1000).fill(502));
  const { message } = await assertRejects(() => running, WorkerLost);
  assertStringIncludes(
    message,
    `in the middle of trial "a": Cannot reach Ray at ${fake.url}: expected an answer to GET`,
  );
  assertStringIncludes(message, "within 0.8 s, found status 502: RuntimeError: out of luck");
  assert(fake.requests.at(-1)!.endsWith("/stop"), "it is not to go on unseen");
});

Deno.test("ray: what Ray refuses is not asked again", async () => {
  await using fake = fakeRay(fine);
  fake.troubles.set("POST /api/jobs/", [400]);
  const run = runner(fake).run(trial("a"), () => {}, never);
  const { message, name } = await assertRejects(() => run, Error);
  assertEquals(
    message,
    `Ray at ${fake.url} refuses POST /api/jobs/: status 400: RuntimeError: out of luck\nTraceback\n` +
      "RuntimeError: out of luck",
  );
  assertEquals([name, fake.requests.filter((asked) => asked.startsWith("POST")).length], ["Error", 1]);
});

Deno.test("ray: a stop ends the job, and what is done by then is there", async () => {
  const stopped = said({ kind: "result", result: result("a") });
  await using fake = fakeRay({ ...fine, log: [saidEpoch(1), ...Array(1000).fill("")], stopped });
  const { watch, first } = watching();
  const stop = new AbortController();
  const running = runner(fake).run(trial("a"), watch, stop.signal);
  await first(({ kind }) => kind === "epoch");
  stop.abort();
  assertEquals(await running, result("a"));
  assertEquals(fake.requests.filter((asked) => asked.endsWith("/stop")).length, 1);
});

Deno.test("ray: a stop ends a job that waits in the queue, and the wait for a head that is silent", async () => {
  await using fake = fakeRay({ ...fine, pending: 1000 }, fine);
  const { watch, first } = watching();
  const stop = new AbortController();
  const running = runner(fake).run(trial("a"), watch, stop.signal);
  await first((event) => event.kind === "log" && event.text.includes("Job has not started yet."));
  stop.abort();
  await assertRejects(() => running, DOMException, "aborted");
  assert(fake.requests.at(-1)!.endsWith("/stop"));
  fake.troubles.set("GET /api/packages/", ["silence"]);
  const soon = new AbortController();
  const silent = runner(fake).run(trial("b"), watch, soon.signal);
  setTimeout(() => soon.abort(), 100);
  await assertRejects(() => silent, DOMException, "aborted");
});

Deno.test("ray: close stops the jobs that go on", async () => {
  await using fake = fakeRay({ ...fine, log: [saidEpoch(1), ...Array(1000).fill("")] });
  const { watch, first } = watching();
  const run = runner(fake);
  const running = assertRejects(() => run.run(trial("a"), watch, never), WorkerLost, "status STOPPED");
  await first(({ kind }) => kind === "epoch");
  await run.close();
  await running;
});

Deno.test("ray: addresses and options that cannot be", async () => {
  const expected = "Cannot use Ray: expected the address of its dashboard, such as http://head:8265, found ";
  assertThrows(() => ray("head:8265"), TypeError, `${expected}"head:8265"`);
  assertThrows(() => ray("ray://head:10001"), TypeError, `${expected}"ray://head:10001", which is for Ray's client`);
  assertThrows(() => ray("http://head:8265", { cpus: -1 }), RangeError, "expected cpus to be a number ≥ 0, found -1");
  assertThrows(
    () => ray("http://head:8265", { slots: 0 }),
    RangeError,
    "expected slots to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => ray("http://head:8265", { env: { A: 1 } } as never),
    RangeError,
    "expected env to be an object of texts",
  );
  assertThrows(
    () => ray("http://head:8265", { files: "a" } as never),
    RangeError,
    "expected files to be an array of paths",
  );
  assertThrows(() => ray("http://head:8265", { cpu: 1 } as never), TypeError, 'found "cpu"; write cpus');
  assertEquals(ray("http://head:8265/", { gpus: undefined }).options.gpus, 0);

  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const nobody = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const { message } = await assertRejects(() => ray(nobody, { patience: 0.1 }).open(experiment()), Error);
  assertStringIncludes(
    message,
    `Cannot reach Ray at ${nobody}: expected its dashboard, which answers /api/version, found `,
  );
  assertStringIncludes(message, "start it with ray start --head --dashboard-host=0.0.0.0, or correct the address");
  await using other = fakeRay();
  other.troubles.set("GET /api/version", ["garbage"]);
  await assertRejects(
    () => ray(other.url, { patience: 0.1 }).open(experiment()),
    Error,
    "found an answer that is no JSON; start it",
  );
});
