/**
 * `deno task ray [--python PATH]`: sets up what is missing, Ray too, and runs the suite that computes trials on a Ray cluster,
 * which it starts on this machine and ends again. With `--python`, or THAW_RAY_PYTHON, Ray is that Python's.
 *
 * It fails where Ray cannot be had or does not start.
 */
import { allSteps, setUp } from "./setup/all.ts";
import { rayOf, rayStep, rayVenv } from "./setup/ray.ts";
import { venvPython } from "./setup/venv.ts";
import { denoTest } from "./testing/deno_test.ts";
import { namedJobs, RAY_TESTS } from "./testing/plan.ts";

const TIMEOUT_SECONDS = 20 * 60;

/** The Python that is named on the command line, or in the environment. */
function namedPython(args: readonly string[]): string | undefined {
  if (args.length === 0) return Deno.env.get("THAW_RAY_PYTHON") || undefined;
  if (args.length === 2 && args[0] === "--python") return args[1];
  throw new Error(`Cannot run the Ray suite: expected nothing or --python PATH, found ${args.join(" ")}`);
}

if (import.meta.main) {
  const named = namedPython(Deno.args);
  const steps = named === undefined ? [...allSteps(), rayStep()] : allSteps();
  const { failed } = await setUp({ quiet: true, steps });
  const python = named ?? venvPython(rayVenv());
  if (failed.some((step) => !step.optional)) {
    console.log("\nThe Ray suite was not run, for what set-up could not do above.");
    Deno.exit(1);
  }
  const version = await rayOf(python);
  if (version === undefined) {
    console.log(
      `Cannot run the Ray suite: expected a Python that has ray[default], found none at ${python}. ` +
        "Leave --python and THAW_RAY_PYTHON out, and it is set up.",
    );
    Deno.exit(1);
  }
  console.log(`Ray ${version}, ${python}`);
  Deno.env.set("THAW_RAY_PYTHON", python);
  const [job] = await namedJobs([RAY_TESTS]);
  const { passed, failed: broken, problems } = await denoTest(job, TIMEOUT_SECONDS);
  problems.forEach((problem) => console.log(problem));
  console.log(`${passed} passed, ${broken} failed`);
  Deno.exit(broken > 0 || passed === 0 ? 1 : 0);
}
