import { join } from "node:path";
import { live, type ProgressSpec } from "../display/mod.ts";
import { cacheDir } from "../engine/cache.ts";

/** What is kept of an emoji's description. */
export interface Emoji {
  name: string;
  category: string;
  image: string;
  /** Its place in the order of Unicode's keyboard. */
  order: number;
}

const packageName = "emoji-datasource-google";
const version = "16.0.0";
const what = `npm package ${packageName} ${version}, 74 MB`;

/** Where the emoji are, once they are there. */
export function emojiCache(): string {
  return cacheDir("data", `emoji-google-${version}`);
}

/**
 * The folder with `emoji.json`, `images/*.png` and the LICENSE, fetched where it is not there yet.
 *
 * Deno's own npm client fetches: it knows the registry, the proxy and the certificates that this machine uses. All happens
 * in a folder beside the final one, which takes its name when it is complete.
 */
export async function emojiFolder(): Promise<string> {
  const folder = emojiCache();
  if (await exists(folder)) return folder;
  const parent = cacheDir("data");
  await Deno.mkdir(parent, { recursive: true });
  await removeLeftovers(parent);
  const work = await Deno.makeTempDir({ dir: parent, prefix: leftover });
  const display = live(progress("waiting for the download", null));
  try {
    await install(work);
    display.update(progress("copying the images", null));
    await collect(join(work, "node_modules", packageName), join(work, "kept"));
    // another process may have been faster
    await Deno.rename(join(work, "kept"), folder).catch(async (error) => {
      if (!await exists(folder)) throw error;
    });
  } catch (error) {
    await display.end({ ...progress("failed", null), tone: "bad" });
    throw error;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  await display.end(progress("ready", 1));
  return folder;
}

const leftover = `emoji-${version}.tmp-`;

function progress(detail: string, fraction: number | null): ProgressSpec {
  return { kind: "progress", label: `emoji (${what})`, detail, fraction };
}

/** Runs `deno install` in a folder that depends on the package. */
async function install(folder: string): Promise<void> {
  const manifest = { private: true, dependencies: { [packageName]: version } };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest));
  // a deno.json of its own: one in a folder above would make this folder a part of that project
  await Deno.writeTextFile(join(folder, "deno.json"), "{}");
  const args = ["install", "--node-modules-dir=auto"];
  const output = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    // its own cache goes with the folder, so that nothing stays twice
    env: { DENO_DIR: join(folder, "deno"), NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (output.success) return;
  const lines = new TextDecoder().decode(output.stderr).trim().split("\n").slice(-5);
  throw new Error(
    `Cannot fetch the emoji images (${what}): \`deno ${args.join(" ")}\` failed:\n` +
      lines.map((line) => `  ${line}`).join("\n") +
      "\nSee that this machine reaches its npm registry (NPM_CONFIG_REGISTRY or .npmrc names another one), then run this " +
      `again; or copy ${emojiCache()} from a machine that has it`,
  );
}

/** Takes the images and what is needed of their descriptions out of the package. */
async function collect(from: string, to: string): Promise<void> {
  const all: Record<string, unknown>[] = JSON.parse(await Deno.readTextFile(join(from, "emoji.json")));
  const kept = all.filter((each) => each.category !== "Component" && each.has_img_google).map((each): Emoji => ({
    name: String(each.name),
    category: String(each.category),
    image: String(each.image),
    order: Number(each.sort_order),
  }));
  await Deno.mkdir(join(to, "images"), { recursive: true });
  for (const { image } of kept) {
    await Deno.copyFile(join(from, "img", "google", "64", image), join(to, "images", image));
  }
  await Deno.copyFile(join(from, "LICENSE"), join(to, "LICENSE"));
  await Deno.writeTextFile(join(to, "emoji.json"), JSON.stringify(kept, null, 1));
}

/** Folders of runs that were killed: nobody has touched them for an hour. */
async function removeLeftovers(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    const path = join(parent, name);
    if (!name.startsWith(leftover)) continue;
    const { mtime } = await Deno.stat(path);
    if (mtime && Date.now() - mtime.getTime() > 3600_000) await Deno.remove(path, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
