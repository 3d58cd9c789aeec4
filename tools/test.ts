/**
 * `deno task test [PATH…]`: sets up what is missing, type-checks everything, also the notebooks' cells, runs the tests
 * and the examples in the docs. With paths, only those (`deno task test tests/weights README.md`).
 *
 * The suite in a browser runs where there is a Chromium; where there is none it is skipped, and says so.
 *
 * The last line is `N passed, N failed` over all of it; a check or a set-up step that fails counts as one.
 *
 * No npm package may be imported here before set-up has fetched them; so type_check.ts is loaded by its URL.
 */
import { join } from "node:path";
import { setUp } from "./setup/all.ts";
import { PROJECT } from "./setup/paths.ts";
import { sumCounts } from "./testing/junit.ts";
import { BROWSER_TESTS, findChromium } from "./testing/chromium.ts";
import { denoTest, type Suite } from "./testing/deno_test.ts";
import { allJobs, namedJobs } from "./testing/plan.ts";
import type * as typeCheck from "./notebook/type_check.ts";

const TIMEOUT_SECONDS = 40 * 60; // for one process; the whole has 90 minutes in CI

/** A check that is no test: passed when it finds no problems. */
async function check(name: string, find: () => Promise<string[]>): Promise<Suite> {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const problems = await find();
  problems.forEach((problem) => console.log(problem));
  return {
    name,
    passed: problems.length === 0 ? 1 : 0,
    failed: problems.length === 0 ? 0 : 1,
    ignored: 0,
    seconds: (performance.now() - started) / 1000,
    problems,
  };
}

/** Type-checks all modules; what is wrong is printed by deno itself. */
async function checkModules(): Promise<string[]> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: ["check", "--quiet"], cwd: PROJECT }).spawn().status;
  return code === 0 ? [] : [`deno check ended with ${code}`];
}

async function notebooks(): Promise<string[]> {
  const folder = join(PROJECT, "notebooks");
  const names = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name).catch(() => []);
  return names.filter((name) => name.endsWith(".ipynb")).sort().map((name) => join(folder, name));
}

async function checkNotebook(path: string): Promise<Suite> {
  const url = new URL("./notebook/type_check.ts", import.meta.url).href;
  const { typeCheckNotebook } = await import(url) as typeof typeCheck;
  return await check(`types of ${path.slice(PROJECT.length)}`, () => typeCheckNotebook(path));
}

if (import.meta.main) {
  const { failed } = await setUp();
  const suites: Suite[] = failed.map(({ name, message }) => {
    return { name: `set-up: ${name}`, passed: 0, failed: 1, ignored: 0, seconds: 0, problems: [message] };
  });
  const named = Deno.args.filter((path) => !path.endsWith(".ipynb"));
  const namedNotebooks = Deno.args.filter((path) => path.endsWith(".ipynb")).map((path) => join(PROJECT, path));
  if (Deno.args.length === 0) suites.push(await check("types of all modules", checkModules));
  for (const path of Deno.args.length === 0 ? await notebooks() : namedNotebooks) {
    suites.push(await checkNotebook(path));
  }
  const chromium = await findChromium();
  const skipped: string[] = [];
  for (const job of Deno.args.length === 0 ? await allJobs() : await namedJobs(named)) {
    console.log(`\n== ${job.name}`);
    if (!chromium && job.name === BROWSER_TESTS && Deno.args.length === 0) {
      skipped.push(`${job.name}: skipped: no Chromium`);
      console.log("skipped: no Chromium");
      continue;
    }
    suites.push(await denoTest(job, TIMEOUT_SECONDS));
  }

  console.log("\n== summary");
  for (const { name, passed, failed, ignored, seconds, problems } of suites) {
    const more = ignored > 0 ? `, ${ignored} ignored` : "";
    console.log(
      `${failed > 0 ? "FAILED " : "ok     "}${name}: ${passed} passed, ${failed} failed${more} (${
        seconds.toFixed(0)
      } s)`,
    );
    problems.forEach((problem) => console.log(`         ${problem.split("\n")[0]}`));
  }
  skipped.forEach((line) => console.log(`       ${line}`));
  const sum = sumCounts(suites);
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  Deno.exit(sum.failed > 0 || sum.passed === 0 ? 1 : 0);
}
