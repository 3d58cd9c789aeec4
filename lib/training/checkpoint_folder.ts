import { join } from "node:path";

const pattern = /^checkpoint-(\d+)$/;

/**
 * The newest whole checkpoint in a folder: the name of a folder within it. Half-written ones have other names.
 */
export async function newestCheckpoint(folder: string): Promise<string | undefined> {
  const names = (await namesIn(folder)).filter((name) => pattern.test(name));
  return names.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
}

/**
 * Writes a checkpoint: `write` fills a temporary folder, which gets its name once it is whole, and only then older ones
 * are removed. A process that is killed at any moment leaves the older or the newer one.
 *
 * @returns the checkpoint's name
 */
export async function writeCheckpoint(folder: string, write: (path: string) => Promise<void>): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const newest = await newestCheckpoint(folder);
  const name = `checkpoint-${String(newest ? numberOf(newest) + 1 : 1).padStart(6, "0")}`;
  const temporary = join(folder, `${name}.${crypto.randomUUID().slice(0, 8)}.part`);
  await Deno.mkdir(temporary);
  try {
    await write(temporary);
    await Deno.rename(temporary, join(folder, name));
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {}); // it may be the disk that fails
    throw new Error(`Cannot write a checkpoint to "${folder}": ${(error as Error).message}`, { cause: error });
  }
  const older = (await namesIn(folder)).filter((other) =>
    /^checkpoint-\d+(\.\w+\.part)?$/.test(other) && other !== name
  );
  for (const other of older) await Deno.remove(join(folder, other), { recursive: true });
  return name;
}

/** Writes a text that is on the disk when this returns. */
export async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.syncData();
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

function numberOf(name: string): number {
  return Number(pattern.exec(name)![1]);
}
