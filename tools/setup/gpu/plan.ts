import type { Driver } from "../../../lib/engine/tensorflow/gpu/driver.ts";
import { megabytes } from "../progress.ts";
import { compareVersions } from "../python.ts";
import { sumOfBytes } from "../wheels.ts";
import { type Build, BUILDS, type NvidiaWheel } from "./builds.ts";
import { type Installed, installedParts, type PackageFolder } from "./installed.ts";

/** What was asked for: the build that fits the driver and the card, or one of them whatever is here. */
export type Wish = "fitting" | Build["name"];

/** How a build is put in place. */
export interface Plan {
  build: Build;
  /** NVIDIA's libraries that are used where they are. */
  installed: Installed[];
  /** Those that are fetched. */
  wheels: NvidiaWheel[];
  /** Bytes to download. */
  download: number;
  /** Bytes that stay on disk. */
  onDisk: number;
}

/** What a plan is chosen from. */
export interface Circumstances {
  driver: Driver | string;
  folders: readonly PackageFolder[];
  /** The system, as in Deno.build: `linux-x86_64`. */
  system: string;
}

/**
 * The plans that may be tried, the one with the least to download first: what an installed torch or jax brought need not
 * be fetched.
 *
 * @returns why there is none to try, where there is none
 */
export function choosePlans(wish: Wish, { driver, folders, system }: Circumstances): Plan[] | string {
  if (system !== "linux-x86_64") return `TensorFlow has no GPU build for ${system.replace("-", " ")}; ${CPU_SERVES}`;
  const builds = wish === "fitting" ? fittingBuilds(driver) : namedBuild(wish, driver);
  if (typeof builds === "string") return builds;
  return builds.map((build) => planFor(build, folders)).sort((a, b) => a.download - b.download);
}

const CPU_SERVES = "thaw computes on the CPU";

function fittingBuilds(driver: Driver | string): Build[] | string {
  if (typeof driver === "string") {
    return `${driver}; ${CPU_SERVES}. For a machine whose card comes later there are --gpu=cuda12 and --gpu=cuda13`;
  }
  const takenByDriver = BUILDS.filter((build) => compareVersions(driver.cuda, build.driver.cuda) >= 0);
  if (takenByDriver.length === 0) return tooOld(driver, BUILDS[0], "GPU builds need");
  const compare = (a: { computeCapability: string }, b: { computeCapability: string }) =>
    compareVersions(a.computeCapability, b.computeCapability);
  const [least] = takenByDriver.toSorted(compare);
  const [oldest] = driver.cards.filter((card) => compare(card, least) >= 0).toSorted(compare); // TensorFlow passes others by
  if (oldest) return takenByDriver.filter((build) => compare(oldest, build) >= 0);
  const [{ name, computeCapability }] = driver.cards;
  return `${name} has compute capability ${computeCapability}, TensorFlow's GPU builds need ` +
    `${least.computeCapability}; ${CPU_SERVES}`;
}

/** The build that is asked for by name; it needs no driver yet, but one that is here has to take it. */
function namedBuild(wish: Wish, driver: Driver | string): Build[] | string {
  const build = BUILDS.find(({ name }) => name === wish)!;
  if (typeof driver === "string" || compareVersions(driver.cuda, build.driver.cuda) >= 0) return [build];
  return tooOld(driver, build, `build for CUDA ${build.cuda} needs`);
}

function tooOld({ cuda }: Driver, { driver }: Build, needs: string): string {
  return `NVIDIA's driver takes CUDA ${cuda} at most, TensorFlow's ${needs} ${driver.cuda}: update it to ` +
    `${driver.version} or newer; until then ${CPU_SERVES}`;
}

function planFor(build: Build, folders: readonly PackageFolder[]): Plan {
  const installed = installedParts(build, folders);
  const wheels = build.nvidia.filter((wheel) => !installed.some(({ part }) => part === wheel.part));
  return {
    build,
    installed,
    wheels,
    download: [build.tensorflow, ...wheels].reduce((sum, { bytes }) => sum + bytes, 0),
    onDisk: [build.tensorflow.libraries, ...wheels.map(({ files }) => files)].reduce(
      (sum, f) => sum + sumOfBytes(f),
      0,
    ),
  };
}

/** What a plan fetches and how big it is, for people who may want to stop it. */
export function describePlan({ build, installed, wheels, download, onDisk }: Plan): string {
  const used = installed.map(({ part, folder }) => `; NVIDIA's ${part} is used where it is, in ${folder}`).join("");
  const what = `TensorFlow ${build.version} for CUDA ${build.cuda}${
    wheels.length > 0 ? " with NVIDIA's libraries" : ""
  }`;
  const files = wheels.length > 0 ? ` in ${wheels.length + 1} files` : "";
  return `${what} (download ${megabytes(download)}${files}, on disk ${megabytes(onDisk)})${used}`;
}
