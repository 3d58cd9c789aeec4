import { basename, extname, join, resolve } from "node:path";
import { LabelledDataset, type Skipped } from "./dataset.ts";
import { imageError } from "./image.ts";
import { mapParallel } from "./parallel.ts";
import { rememberOrigin } from "./origin.ts";
import { pictureSamples } from "./pictures.ts";

/** Options of {@linkcode imageFolder}. */
export interface ImageFolderOptions {
  /** Whether an image that cannot be read stops the loading, or is left out and noted in `skipped`; "refuse". */
  onBroken?: "refuse" | "skip";
  /** Which files are images; .png, .jpg, .jpeg, .webp, .gif, .avif, .tif, .tiff and .svg. */
  extensions?: readonly string[];
}

const imageExtensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".tif", ".tiff", ".svg"];

/**
 * A dataset of a folder with one sub-folder for each class, as torchvision's ImageFolder reads it:
 * `photos/cat/1.jpg`, `photos/dog/2.jpg`, `photos/dog/more/3.jpg`.
 *
 * Classes and files are in the order of their names. Hidden files and folders (`.name`) do not count. Every image is read
 * to its end here, so that a broken one is met now and not in the third epoch.
 *
 * @param folder a path
 * @throws {Error} where the folder has another layout, or images are broken, naming all of them
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const color of ["blue", "red"]) {
 *   const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="${color}"/></svg>`;
 *   await Deno.mkdir(`${folder}/${color}`);
 *   await Deno.writeTextFile(`${folder}/${color}/1.svg`, svg);
 * }
 * const colors = await data.imageFolder(folder);
 * assertEquals([colors.length, ...colors.classes], [2, "blue", "red"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function imageFolder(folder: string, options: ImageFolderOptions = {}): Promise<LabelledDataset> {
  const { onBroken = "refuse", extensions = imageExtensions } = options;
  if (onBroken !== "refuse" && onBroken !== "skip") {
    throw new TypeError(`Cannot load "${folder}": expected onBroken to be "refuse" or "skip", found ${onBroken}`);
  }
  const fail = (found: string): never => {
    throw new Error(
      `Cannot load "${folder}": expected a folder with one sub-folder of images for each class ` +
        `(${basename(resolve(folder))}/cat/1.jpg, ${basename(resolve(folder))}/dog/2.jpg), found ${found}`,
    );
  };
  const entries = await list(folder).catch((error) =>
    fail(error instanceof Deno.errors.NotFound ? "no such folder" : error.message)
  );
  const classes = entries.filter((entry) => entry.isDirectory).map((entry) => entry.name);
  if (classes.length === 0) fail(entries.length ? `${entries.length} files and no sub-folder` : "an empty folder");

  const suffixes = new Set(extensions.map((each) => (each.startsWith(".") ? each : `.${each}`).toLowerCase()));
  const files = await Promise.all(classes.map((name) => imagesBelow(join(folder, name), suffixes)));
  const empty = classes.filter((_, c) => files[c].length === 0);
  if (empty.length) fail(`no image (${[...suffixes].join(", ")}) in ${quoted(empty)}`);

  const samples = files.flatMap((paths, label) => paths.map((path) => ({ path, label })));
  const errors = await mapParallel(samples, ({ path }) => imageError(path));
  const whole = samples.filter((_, i) => !errors[i]);
  const skipped: Skipped[] = samples.flatMap(({ path }, i) => errors[i] ? [{ path, error: errors[i] }] : []);
  if (skipped.length && onBroken === "refuse") {
    throw new Error(
      `Cannot load "${folder}": expected ${samples.length} images, found ${skipped.length} of them broken:\n` +
        skipped.map(({ error }) => `  ${error.message}`).join("\n") +
        '\nMend or remove them, or leave them out with { onBroken: "skip" }',
    );
  }
  const lost = classes.filter((_, c) => !whole.some(({ label }) => label === c));
  if (lost.length) fail(`nothing but broken images in ${quoted(lost)} (${skipped[0].error.message})`);

  const dataset = new LabelledDataset(pictureSamples(whole.map(({ path }) => path)), {
    name: basename(resolve(folder)),
    classes,
    labels: whole.map(({ label }) => label),
    skipped,
  });
  return rememberOrigin(dataset, { data: "imageFolder", folder: resolve(folder), options });
}

/** Files and folders in the order of their names, links followed, hidden ones left out. */
async function list(folder: string): Promise<Deno.DirEntry[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) => !name.startsWith("."));
  const followed = entries.map(async (entry) => {
    if (!entry.isSymlink) return entry;
    const { isFile, isDirectory } = await Deno.stat(join(folder, entry.name)).catch(() => entry);
    return { ...entry, isFile, isDirectory };
  });
  return (await Promise.all(followed)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param above the real paths of the folders that it lies in, so that a link back to one of them is not followed */
async function imagesBelow(folder: string, suffixes: Set<string>, above: readonly string[] = []): Promise<string[]> {
  const here = await Deno.realPath(folder);
  if (above.includes(here)) return [];
  const found = (await list(folder)).map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory) return await imagesBelow(path, suffixes, [...above, here]);
    return entry.isFile && suffixes.has(extname(entry.name).toLowerCase()) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
