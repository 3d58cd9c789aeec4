import { assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "node:path";
import { imageFolder } from "../../lib/data/image_folder.ts";
import { drain, file, plain, test } from "./support.ts";

/** Writes files, and the folders that they lie in. */
async function write(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(join(folder, name, ".."), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(join(folder, name), content);
    else await Deno.writeFile(join(folder, name), content);
  }
}

test("a class for each sub-folder, in the order of their names, nested files too", async (folder) => {
  await write(folder, {
    "dog/2.jpg": await file("jpeg", 4, 4, [0, 0, 255]),
    "dog/more/0.png": await file("png", 4, 4, [0, 0, 255]),
    "cat/b.PNG": await file("png", 4, 4),
    "cat/a.webp": await file("webp", 4, 4),
    "cat/notes.txt": "not an image",
    ".hidden/x.png": "not read",
    "cat/._a.png": "not read",
    "readme.md": "not a folder",
  });
  const dataset = await imageFolder(folder);
  assertEquals([dataset.name, ...dataset.classes], [basename(folder), "cat", "dog"]);
  const paths = Array.from(dataset.labels, (_, i) => dataset.source(i));
  assertEquals(paths, ["cat/a.webp", "cat/b.PNG", "dog/2.jpg", "dog/more/0.png"].map((name) => join(folder, name)));
  assertEquals([...dataset.labels], [0, 0, 1, 1]);
  const [{ shape, images }] = await drain(dataset.batches({ batchSize: 4, transforms: plain }));
  assertEquals([shape, images.slice(48, 51), images.slice(-3)], [[4, 4, 4, 3], [1, 0, 0], [0, 0, 1]]);
});

test("only the extensions that are asked for", async (folder) => {
  await write(folder, { "a/1.png": await file("png", 2, 2), "a/2.jpg": await file("jpeg", 2, 2) });
  for (const extensions of [[".jpg"], ["JPG"]]) assertEquals((await imageFolder(folder, { extensions })).length, 1);
});

test("broken images are all named, or left out and noted", async (folder) => {
  const noise = await file("jpeg", 64, 48, [9, 99, 199]);
  await write(folder, {
    "a/1.png": await file("png", 2, 2),
    "a/2.png": "no image at all",
    "b/1.jpg": noise,
    "b/cut.jpg": noise.slice(0, noise.length - 40),
  });
  const broken = [join(folder, "a/2.png"), join(folder, "b/cut.jpg")];
  const error = await assertRejects(() => imageFolder(folder), Error, "expected 4 images, found 2 of them broken:\n");
  const lines = error.message.split("\n");
  assertEquals(lines.length, 4);
  broken.forEach((path, i) => assertEquals(lines[i + 1].startsWith(`  Cannot decode "${path}": `), true, lines[i + 1]));
  assertEquals(lines[3], 'Mend or remove them, or leave them out with { onBroken: "skip" }');

  const dataset = await imageFolder(folder, { onBroken: "skip" });
  assertEquals([dataset.length, ...dataset.counts], [2, 1, 1]);
  assertEquals(dataset.skipped.map(({ path }) => path), broken);
  assertEquals(String(dataset).split("\n")[0], `${basename(folder)}: 2 images in 2 classes, 2 skipped`);
});

test("another layout is refused with the one that is expected", async (folder) => {
  const name = basename(folder);
  const expected = (path: string) =>
    `Cannot load "${path}": expected a folder with one sub-folder of images for each class ` +
    `(${basename(path)}/cat/1.jpg, ${basename(path)}/dog/2.jpg), found `;
  assertEquals(expected(folder).includes(`(${name}/cat`), true);
  await assertRejects(
    () => imageFolder(join(folder, "none")),
    Error,
    expected(join(folder, "none")) + "no such folder",
  );
  await assertRejects(() => imageFolder(folder), Error, expected(folder) + "an empty folder");
  await write(folder, { "1.png": await file("png", 2, 2), "2.png": await file("png", 2, 2) });
  await assertRejects(() => imageFolder(folder), Error, expected(folder) + "2 files and no sub-folder");
  await write(folder, { "a/1.png": await file("png", 2, 2), "b/x.txt": "x", "c/y.txt": "y" });
  await assertRejects(
    () => imageFolder(folder),
    Error,
    expected(folder) + 'no image (.png, .jpg, .jpeg, .webp, .gif, .avif, .tif, .tiff, .svg) in "b", "c"',
  );
  await write(folder, { "b/1.png": "broken", "c/1.png": await file("png", 2, 2) });
  await assertRejects(
    () => imageFolder(folder, { onBroken: "skip" }),
    Error,
    expected(folder) + 'nothing but broken images in "b" (Cannot decode ',
  );
  await assertRejects(
    () => imageFolder(folder, { onBroken: "ignore" as "skip" }),
    TypeError,
    'expected onBroken to be "refuse" or "skip", found ignore',
  );
});

test("links are followed, but not round in a circle", async (folder) => {
  await write(folder, { "a/1.png": await file("png", 2, 2) });
  await Deno.symlink(join(folder, "a"), join(folder, "a", "again"));
  await Deno.symlink(join(folder, "a"), join(folder, "b"));
  const dataset = await imageFolder(folder);
  assertEquals([...dataset.classes, ...dataset.counts], ["a", "b", 1, 1]);
});
