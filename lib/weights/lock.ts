import { dirname } from "node:path";

/**
 * Runs `work` while no other process, and no other call here, runs work under the same lock file. The operating system
 * frees the lock of a process that dies.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const file = await acquire(path);
  try {
    return await work();
  } finally {
    await Deno.remove(path).catch(() => {}); // some systems refuse while another waits; it then stays, and does no harm
    file.close();
  }
}

async function acquire(path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(dirname(path), { recursive: true });
  while (true) {
    const file = await Deno.open(path, { create: true, write: true });
    await file.lock(true);
    // Whoever had the lock before has removed the file: a lock on what is no longer there keeps nobody out.
    const there = await Deno.stat(path).catch(() => undefined);
    if (there && there.ino === (await file.stat()).ino) return file;
    file.close();
  }
}
