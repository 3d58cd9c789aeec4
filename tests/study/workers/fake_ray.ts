/** A local server that speaks as much of the Ray Jobs API as trials need, and goes wrong in the ways that a test asks for. */
import { encodeLine, type FromWorker } from "../../../lib/study/workers/lines.ts";
import type { RaySubmission } from "../../../lib/study/workers/ray_client.ts";
import type { TrialResult } from "../../../lib/study/trials/trial.ts";

/** What becomes of a job: its log grows by one of these with each look at it, and then it ends. */
export interface Script {
  log: string[];
  end: "SUCCEEDED" | "FAILED";
  code?: number;
  message?: string;
  /** What is added to the log where it is stopped. */
  stopped?: string;
  /** How often it is looked at before it runs. */
  pending?: number;
}

/** What is wrong with the next answer: a status, a text that is no JSON, a connection that breaks, silence. */
export type Trouble = number | "garbage" | "broken" | "silence";

interface Job {
  script: Script;
  looks: number;
  stopped: boolean;
}

export interface FakeRay {
  readonly url: string;
  /** What was asked, in order: `GET /api/version`. */
  readonly requests: string[];
  readonly submissions: RaySubmission[];
  readonly packages: Map<string, Uint8Array>;
  /** By how a request begins or ends (`POST /api/jobs/`, `logs`): what goes wrong with the next ones. */
  readonly troubles: Map<string, Trouble[]>;
  /** Set where requests are carried out and their answers lost. */
  loses: boolean;
  /** Jobs that Ray has forgotten. */
  forgets: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param scripts of the jobs, in the order in which they are submitted */
export function fakeRay(...scripts: Script[]): FakeRay {
  const jobs = new Map<string, Job>();
  const stop = new AbortController();
  const fake = {
    requests: [] as string[],
    submissions: [] as RaySubmission[],
    packages: new Map<string, Uint8Array>(),
    troubles: new Map<string, Trouble[]>(),
    loses: false,
    forgets: false,
  };

  function logOf({ script, looks, stopped }: Job): string {
    return script.log.slice(0, looks - (script.pending ?? 0)).join("") + (stopped ? script.stopped ?? "" : "");
  }

  function describe(job: Job) {
    const { script: { log, end, code, message, pending = 0 }, looks, stopped } = job;
    const waits = looks <= pending && !stopped;
    const ended = stopped ? "STOPPED" : looks - pending > log.length ? end : "RUNNING";
    return {
      status: waits ? "PENDING" : ended,
      message: waits ? "Job has not started yet." : message ?? "Job is as it is.",
      driver_agent_http_address: waits ? null : "http://node:52365",
      driver_exit_code: ended === end ? code ?? 0 : null,
    };
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, kind, id, what] = /^\/api\/(\w+)(?:\/(?:gcs\/)?([^/]*))?(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (kind === "version") return Response.json({ version: "4", ray_version: "2.60.0" });
    if (kind === "packages") {
      if (request.method === "GET") return new Response("", { status: fake.packages.has(id) ? 200 : 404 });
      fake.packages.set(id, await request.bytes());
      return new Response("");
    }
    if (request.method === "POST" && !id) {
      const submission: RaySubmission = await request.json();
      const { submission_id } = submission;
      if (jobs.has(submission_id)) {
        return new Response(`Traceback\nRuntimeError: status code 400: ${submission_id} already exists.`, {
          status: 500,
        });
      }
      jobs.set(submission_id, { script: scripts[fake.submissions.length], looks: 0, stopped: false });
      fake.submissions.push(submission);
      return Response.json({ job_id: submission_id, submission_id });
    }
    const job = fake.forgets ? undefined : jobs.get(id);
    if (!job) return new Response(`Job ${id} does not exist`, { status: 404 });
    if (what === "logs") return Response.json({ logs: logOf(job) });
    if (what === "stop") job.stopped = true;
    else if (request.method === "DELETE") jobs.delete(id);
    else job.looks++;
    return Response.json(describe(job));
  }

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const asked = `${request.method} ${new URL(request.url).pathname}`;
    fake.requests.push(asked);
    const [, troubles] = [...fake.troubles].find(([part]) => asked.startsWith(part) || asked.endsWith(part)) ?? [];
    const trouble = troubles?.shift();
    if (trouble === undefined) return await answer(request);
    if (fake.loses) await answer(request);
    if (trouble === "garbage") return new Response("<html>Please log in</html>");
    if (typeof trouble === "number") return new Response("Traceback\nRuntimeError: out of luck", { status: trouble });
    if (trouble === "silence") {
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
      return new Response("");
    }
    const { readable, writable } = new TransformStream<Uint8Array>();
    setTimeout(() => writable.abort("a connection breaks, as the test asks for").catch(() => {}), 10);
    return new Response(readable, { headers: { "content-length": "100" } });
  });
  return Object.assign(fake, {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.shutdown();
    },
  });
}

/** The log line of a message. */
export function said(message: FromWorker): string {
  return encodeLine(message);
}

/** The log line of an epoch. */
export function saidEpoch(epoch: number): string {
  const figures = { epoch, loss: 1 / epoch, accuracy: 0.5, learningRate: 0.1, seconds: 1 };
  return said({ kind: "event", event: { kind: "epoch", epoch: figures } });
}

/** A result to be told. */
export function result(id: string): TrialResult {
  return {
    id,
    history: [],
    parameters: 10,
    trainable: 5,
    seconds: 1,
    featureSeconds: 0,
    peakBytes: 100,
    worker: "node-7",
  };
}
