const folders = new Set<string>();

/** A folder of its own that is removed when the process ends in good order. */
export async function temporaryFolder(): Promise<string> {
  if (folders.size === 0) {
    globalThis.addEventListener("unload", () => {
      for (const folder of folders) {
        try {
          Deno.removeSync(folder, { recursive: true });
        } catch {
          // The system empties its folder for temporary files by and by.
        }
      }
    });
  }
  const folder = await Deno.makeTempDir({ prefix: "thaw-study-" });
  folders.add(folder);
  return folder;
}
