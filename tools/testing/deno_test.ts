import { join } from "node:path";
import { PROJECT } from "../setup/paths.ts";
import { type Counts, parseJunit } from "./junit.ts";

/** A suite that was run: its counts and what went wrong besides failing tests. */
export interface Suite extends Counts {
  name: string;
  seconds: number;
  /** Why there are failures that no test reported. */
  problems: string[];
}

/** Some of what `deno test` is to run in one process. */
export interface Job {
  name: string;
  /** Files or folders. */
  paths: string[];
  /** `--doc`, `--no-check` … */
  flags: string[];
}

/** One process of `deno test`, its output left to be seen, its result read from the report that it writes. */
export async function denoTest(job: Job, timeoutSeconds: number): Promise<Suite> {
  const folder = await Deno.makeTempDir({ prefix: "thaw-test-" });
  const junit = join(folder, "junit.xml");
  const started = performance.now();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", ...job.flags, `--junit-path=${junit}`, ...job.paths],
      cwd: PROJECT,
      env: { TF_CPP_MIN_LOG_LEVEL: Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "2" },
      stdin: "null",
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutSeconds * 1000);
    const { code, signal } = await child.status;
    clearTimeout(timer);
    const xml = await Deno.readTextFile(junit).catch(() => undefined);
    const ended = late ? `was stopped after ${timeoutSeconds} s` : signal ? `died of ${signal}` : `ended with ${code}`;
    return { name: job.name, seconds: (performance.now() - started) / 1000, ...judge(xml, code, ended) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * What a run's report and exit code amount to. A run that went wrong counts at least one failure, also when the
 * report knows none: a crash leaves no report, and a module that throws is not in it.
 */
export function judge(
  xml: string | undefined,
  code: number,
  ended: string,
): Counts & { problems: string[] } {
  if (xml === undefined) {
    return { passed: 0, failed: 1, ignored: 0, problems: [`deno test ${ended} and left no report`] };
  }
  const counts = parseJunit(xml);
  const problems: string[] = [];
  if (code !== 0 && counts.failed === 0) {
    problems.push(
      `deno test ${ended}, with no failed test in its report: a file failed to load, or failed outside its tests`,
    );
    counts.failed += 1;
  }
  return { ...counts, problems };
}
