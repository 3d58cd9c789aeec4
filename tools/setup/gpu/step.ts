import { join, resolve } from "node:path";
import { cacheDir } from "../../../lib/engine/cache.ts";
import { askDriver, type Driver } from "../../../lib/engine/tensorflow/gpu/driver.ts";
import { gpuLibraryFolder, type Manifest, readManifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { ObstacleError, removeLeftovers } from "../fetch_wheel.ts";
import { exists } from "../process.ts";
import { needPython } from "../python.ts";
import type { Step } from "../steps.ts";
import { BUILDS } from "./builds.ts";
import { packageFolders } from "./installed.ts";
import { choosePlans, type Circumstances, describePlan, type Plan, type Wish } from "./plan.ts";
import { putBuild, stagingFolder } from "./put.ts";
import { tryBuild } from "./trial.ts";

/** What the step works with; tests give their own. */
export interface GpuOptions {
  /** Where the build is to be. */
  folder?: string;
  /** Where downloads are while they are not complete. */
  partial?: string;
  look?: () => Promise<Circumstances>;
  put?: typeof putBuild;
}

/** A GPU build of TensorFlow with NVIDIA's libraries, for `deno task setup --gpu`. */
export function gpuStep(wish: Wish, {
  folder = gpuLibraryFolder(),
  partial = cacheDir("partial"),
  look = lookAround,
  put = putBuild,
}: GpuOptions = {}): Step {
  let plans: Plan[] = [];
  let driver: Driver | string = "";
  return {
    name: "TensorFlow for GPUs",
    get about() {
      return describePlan(plans[0]);
    },
    optional: true,
    async done() {
      refuseAnother(folder);
      const circumstances = await look();
      const chosen = choosePlans(wish, circumstances);
      if (typeof chosen === "string") return chosen;
      [plans, driver] = [chosen, circumstances.driver];
      const there = await whatIsThere(folder);
      return there && fits(there, plans) ? describe(there, folder) : undefined;
    },
    async run(progress) {
      const { command } = await needPython("3.7", "fetch TensorFlow for GPUs");
      await Deno.mkdir(partial, { recursive: true });
      await removeLeftovers(partial);
      const card = typeof driver === "string" ? undefined : driver.cards[0].name;
      for (const [index, plan] of plans.entries()) {
        try {
          const found = await put(plan, folder, { partial, python: command, progress }, (folder, manifest) => {
            return tryBuild(folder, manifest, card);
          });
          return `${describe((await whatIsThere(folder))!, folder)}; ${found}`;
        } catch (error) {
          // What was fetched is kept where no other build would fare better.
          if (error instanceof ObstacleError || index === plans.length - 1) {
            throw await withLeftovers(error as Error, stagingFolder(partial, plan));
          }
          progress.say(`${(error as Error).message}\nTaken instead: ${describePlan(plans[index + 1])}`);
        }
      }
      throw new Error("no plan"); // done() would have said so
    },
  };
}

/** Says where the gigabytes are that were fetched for nothing, or for another try. */
async function withLeftovers(error: Error, folder: string): Promise<Error> {
  if (!(await exists(folder))) return error;
  return new Error(`${error.message}\nWhat was fetched stays in ${folder} for the next try.`, { cause: error });
}

async function lookAround(): Promise<Circumstances> {
  return {
    driver: askDriver(),
    folders: await packageFolders(),
    system: `${Deno.build.os}-${Deno.build.arch}`,
  };
}

/** @throws Error when the engine would take another library */
function refuseAnother(folder: string): void {
  const named = Deno.env.get("THAW_LIBTENSORFLOW");
  if (!named || resolve(named) === resolve(folder)) return;
  throw new Error(
    `Cannot set up TensorFlow for GPUs: expected no THAW_LIBTENSORFLOW, which the engine takes first, found ${named}. ` +
      "Unset it and run the task again.",
  );
}

/** The manifest of a build that is whole, with the libraries that it names. */
async function whatIsThere(folder: string): Promise<Manifest | undefined> {
  const manifest = readable(folder);
  if (!manifest) return undefined;
  for (const path of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"].map((name) => join(folder, name))) {
    if (!(await exists(path))) return undefined;
  }
  for (const path of manifest.preload) {
    if (!(await exists(path))) return undefined; // a torch that was removed, for instance
  }
  return manifest;
}

function readable(folder: string): Manifest | undefined {
  try {
    return readManifest(folder);
  } catch {
    return undefined; // it is made anew
  }
}

/** Whether a build is one of those that would be fetched; a nightly one may be of any night. */
function fits({ tensorflow, cuda }: Manifest, plans: readonly Plan[]): boolean {
  return plans.some(({ build }) => build.cuda === cuda && (build.newest || build.version === tensorflow));
}

/** A build in a few words, with where NVIDIA's libraries are if not beside it. */
function describe({ tensorflow, cuda, preload }: Manifest, folder: string): string {
  const elsewhere = preload.find((path) => !path.startsWith(join(resolve(folder), "/")));
  const used = elsewhere ? `, with NVIDIA's libraries as in ${elsewhere}` : "";
  return `TensorFlow ${tensorflow} for CUDA ${cuda} in ${folder}${used}`;
}

/**
 * Reads `--gpu` from the command line.
 *
 * @returns what is wished for; undefined where no GPU build is
 * @throws Error for anything else
 */
export function readWish(args: readonly string[]): Wish | undefined {
  const words = new Map<string, Wish>([
    ["--gpu", "fitting"],
    ...BUILDS.map(({ name }) => [`--gpu=${name}`, name] as const),
  ]);
  const unknown = args.find((arg) => !words.has(arg));
  if (unknown !== undefined) {
    throw new Error(`Cannot set up: expected ${[...words.keys()].join(" or ")}, found ${unknown}`);
  }
  return args.length > 0 ? words.get(args.at(-1)!) : undefined;
}
