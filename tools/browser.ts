/**
 * `deno task browser`: sets up what is missing and runs the suite in a real browser: JupyterLab in Chromium without a
 * window. Its screenshots are below `out/browser/`.
 */
import { setUp } from "./setup/all.ts";
import { BROWSER_TESTS, findChromium, NO_CHROMIUM } from "./testing/chromium.ts";
import { denoTest } from "./testing/deno_test.ts";
import { namedJobs } from "./testing/plan.ts";

const TIMEOUT_SECONDS = 10 * 60;

if (import.meta.main) {
  if (!(await findChromium())) {
    console.log(NO_CHROMIUM);
    Deno.exit(1);
  }
  const { failed } = await setUp({ quiet: true });
  if (failed.some((step) => !step.optional)) {
    console.log("\nThe browser suite was not run, for what set-up could not do above.");
    Deno.exit(1);
  }
  const [job] = await namedJobs([BROWSER_TESTS]);
  const { passed, failed: broken, problems } = await denoTest(job, TIMEOUT_SECONDS);
  problems.forEach((problem) => console.log(problem));
  console.log(`screenshots: out/browser\n${passed} passed, ${broken} failed`);
  Deno.exit(broken > 0 || passed === 0 ? 1 : 0);
}
