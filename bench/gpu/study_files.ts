import { join } from "node:path";
import { emojiCache } from "../../lib/data/emoji_files.ts";
import { cacheDir } from "../../lib/engine/cache.ts";

/** Where the split study's files are. */
export interface StudyFiles {
  /** The folder with emoji. */
  emoji: string;
  /** efficientnet_lite0's pretrained weights. */
  weights: string;
}

/** The files that the split study needs where thaw's cache has them; undefined where one would have to be fetched. */
export function studyFiles(): StudyFiles | undefined {
  const folder = cacheDir("weights"), emoji = emojiCache();
  try {
    const weights = [...Deno.readDirSync(folder)].find(({ name }) => /^efficientnet-lite0-[0-9a-f]+\.pth$/.test(name));
    return weights && Deno.statSync(emoji).isDirectory ? { emoji, weights: join(folder, weights.name) } : undefined;
  } catch {
    return undefined; // there is no such folder
  }
}
