import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { emoji } from "../../lib/data/emoji.ts";
import { drain, plain, test } from "./support.ts";

const counts = {
  "Activities": 85,
  "Animals & Nature": 159,
  "Flags": 270,
  "Food & Drink": 131,
  "Objects": 264,
  "People & Body": 386,
  "Smileys & Emotion": 169,
  "Symbols": 224,
  "Travel & Places": 218,
};

test("the emoji are 1,906 images in 9 classes", async () => {
  const dataset = await emoji();
  assertEquals(dataset.length, 1906);
  assertEquals(Object.fromEntries(dataset.classes.map((name, c) => [name, dataset.counts[c]])), counts);
  assertEquals([...dataset.classes], Object.keys(counts));
  assertEquals([...dataset.labels], [...dataset.labels].sort((a, b) => a - b));
});

test("they are in the same order every time, each a picture of 64×64 on white", async () => {
  const [one, two] = [await emoji(), await emoji()];
  const sources = (dataset: typeof one) => Array.from(dataset.labels, (_, i) => dataset.source(i) as string);
  assertEquals(sources(one), sources(two));
  assertEquals(new Set(sources(one)).size, 1906);
  const grinning = one.labels.indexOf(one.classes.indexOf("Smileys & Emotion"));
  assertEquals(sources(one)[grinning].endsWith("1f600.png"), true);
  const { width, height, data } = await one.picture!(grinning);
  assertEquals([width, height, ...data.slice(0, 3)], [64, 64, 255, 255, 255]);
});

test("a number of them has something of every class", async () => {
  const dataset = await emoji({ size: 90 });
  assertEquals(dataset.length, 90);
  assertEquals(
    [...dataset.counts].every((count, c) => Math.abs(count - 90 * Object.values(counts)[c] / 1906) < 2),
    true,
  );
  const [{ shape, labels }] = await drain(dataset.batches({ batchSize: 90, transforms: plain }));
  assertEquals([shape, labels], [[90, 4, 4, 3], [...dataset.labels]]);
  await assertRejects(
    () => emoji({ size: 5 }),
    RangeError,
    "Cannot take 5 emoji: expected size to be a whole number from 9 (the classes) to 1906",
  );
});

test("where the package cannot be had, the error says what was tried, and nothing stays behind", async (folder) => {
  // nothing answers at port 9
  const environment = { THAW_CACHE: folder, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/", THAW_QUIET: "1" };
  const error = await withEnvironment(environment, () => assertRejects(() => emoji(), Error));
  assertStringIncludes(
    error.message,
    "Cannot fetch the emoji images (npm package emoji-datasource-google 16.0.0, 74 MB): " +
      "`deno install --node-modules-dir=auto` failed:\n  ",
  );
  assertStringIncludes(error.message, "127.0.0.1:9");
  assertStringIncludes(
    error.message,
    `or copy ${join(folder, "data", "emoji-google-16.0.0")} from a machine that has it`,
  );
  assertEquals(await Array.fromAsync(Deno.readDir(join(folder, "data"))), []);
});

test("a folder that a killed run left behind goes, one in use stays", async (folder) => {
  const [old, young] = ["old", "young"].map((name) => join(folder, "data", `emoji-16.0.0.tmp-${name}`));
  for (const path of [old, young]) await Deno.mkdir(path, { recursive: true });
  await Deno.utime(old, 0, 0);
  const environment = { THAW_CACHE: folder, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/", THAW_QUIET: "1" };
  await withEnvironment(environment, () => assertRejects(() => emoji(), Error));
  assertEquals(
    (await Array.fromAsync(Deno.readDir(join(folder, "data")))).map(({ name }) => join(folder, "data", name)),
    [
      young,
    ],
  );
});

async function withEnvironment<T>(variables: Record<string, string>, use: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    return await use();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
