import { dirname, join } from "node:path";

/** Gives a folder of its own, by its real path, and removes it again with all that is in it. */
export async function withFolder(use: (folder: string) => unknown): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Gives a folder with these empty files, and removes it again. */
export function withFiles(names: readonly string[], use: (folder: string) => unknown): Promise<void> {
  return withFolder(async (folder) => {
    for (const name of names) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), "");
    }
    await use(folder);
  });
}
