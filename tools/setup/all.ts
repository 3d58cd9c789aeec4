import { cacheDir } from "../../lib/engine/cache.ts";
import { imagesStep, weightsStep } from "./assets.ts";
import type { Wish } from "./gpu/plan.ts";
import { gpuStep } from "./gpu/step.ts";
import { jupyterStep } from "./jupyter.ts";
import { kernelspecStep } from "./kernelspec.ts";
import { libtensorflowStep } from "./libtensorflow.ts";
import { packagesStep } from "./packages.ts";
import { runSteps, type Step, type StepReport } from "./steps.ts";

/**
 * Every step of set-up, in order.
 *
 * @param gpu which GPU build is wished for; none by default. Where there is none to have, the CPU build is fetched
 */
export function allSteps(gpu?: Wish): Step[] {
  const libtensorflow = gpu ? [gpuStep(gpu), libtensorflowStep()] : [libtensorflowStep()];
  return [packagesStep(), ...libtensorflow, jupyterStep(), kernelspecStep(), weightsStep(), imagesStep()];
}

/** Runs the steps that are missing; a second set-up waits until a first one is through. */
export async function setUp({ quiet = false, steps = allSteps() } = {}): Promise<StepReport> {
  await Deno.mkdir(cacheDir(), { recursive: true });
  using lock = await Deno.open(cacheDir("setup.lock"), { create: true, write: true });
  if (!(await lock.tryLock(true))) {
    console.error("Another set-up is at work; waiting for it …");
    await lock.lock(true); // the system gives the lock back when its holder is gone, killed or not
  }
  return await runSteps(steps, { quiet });
}
