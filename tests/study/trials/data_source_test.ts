import { assertEquals, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import * as data from "../../../lib/data/mod.ts";
import { type DataSource, isLive, openData, plainData } from "../../../lib/study/trials/data_source.ts";
import { file } from "../../data/support.ts";
import { noLeaks } from "../../tensors.ts";
import { inFolder } from "../splits/scripted.ts";
import { forgetPictures, pictures } from "../workers/small.ts";

const small = new URL("../workers/small.ts", import.meta.url).href;

/** A folder of two classes with four pictures each. */
async function fill(folder: string): Promise<string> {
  for (const name of ["blue", "red"]) {
    await Deno.mkdir(join(folder, name));
    for (const i of [1, 2, 3, 4]) {
      await Deno.writeFile(join(folder, name, `${i}.png`), await file("png", 4, 4, [60 * i, 0, 0]));
    }
  }
  return folder;
}

noLeaks("data comes from a split, a function, a module's export, or a description", () =>
  inFolder(async (folder) => {
    const split = pictures();
    assertStrictEquals(await openData(split), split);
    assertStrictEquals(await openData(() => split), split);
    assertStrictEquals(await openData(() => Promise.resolve(split)), split);
    const made = await openData({ module: small, export: "pictures", options: { delay: 0 } });
    assertEquals([made.name, made.train.length, made.validation.length], ["pictures", 45, 15]);
    const described = await openData({
      data: "imageFolder",
      folder: await fill(folder),
      split: { validation: 0.25, seed: 2 },
    });
    assertEquals([described.train.length, described.validation.length], [6, 2]);
    const parts = await openData(data.toSpec(described)!);
    assertEquals([...parts.train.labels], [...described.train.labels]);
    forgetPictures();
  }));

noLeaks("what is no data with two parts is refused with what was found", () =>
  inFolder(async (folder) => {
    const refused = async (source: unknown, found: string) => {
      const { message } = await assertRejects(() => openData(source as DataSource), TypeError);
      assertEquals(message, `Cannot study: expected data with a training and a validation part, found ${found}`);
    };
    const split = pictures();
    const dataset = "a dataset; write dataset.split({ validation: 0.2 })";
    await refused(split.train, dataset);
    await refused(() => split.train, dataset);
    await refused({ ...split, validation: undefined }, "a plain object");
    await refused({ data: "imageFolder", folder: await fill(folder) }, dataset); // a description without a split
    await refused({ module: "data:text/javascript,export default 7" }, "7");
    await refused(() => undefined, "undefined");
    await refused(undefined, "undefined");
    await refused(null, "null");
    await refused("emoji", "emoji");
    await assertRejects(() => openData({} as DataSource), TypeError, "Cannot make a dataset: expected a spec such as");
    forgetPictures();
  }));

noLeaks(
  "a description that travels: of data that is here, with paths and modules that hold anywhere",
  () =>
    inFolder(async (folder) => {
      await fill(folder);
      const here = relative(Deno.cwd(), folder);
      const made = (await data.imageFolder(here)).split({ validation: 0.25, seed: 2 });
      const plain = plainData(made);
      assertEquals(plain, data.toSpec(made)!);
      assertEquals(JSON.parse(JSON.stringify(plain)), plain);
      assertEquals([...(await openData(plain)).validation.labels], [...made.validation.labels]);
      const split = { validation: 0.2 };
      assertEquals(plainData({ data: "imageFolder", folder: here, split }), { data: "imageFolder", folder, split });
      const part: data.DataSpec = { data: "imageFolder", folder: here, positions: [1, 2] };
      const parts = plainData({ train: part, validation: { data: "emoji" } });
      assertEquals(parts, { train: { ...part, folder }, validation: { data: "emoji" } });
      assertEquals(plainData({ data: "emoji", split }), { data: "emoji", split });
      const module = relative(Deno.cwd(), join(folder, "data.ts"));
      assertEquals(plainData({ module, export: "x" }), {
        module: pathToFileURL(join(folder, "data.ts")).href,
        export: "x",
      });
    }),
);

noLeaks("tensors and functions stay as they are: they live in this process alone", () => {
  const split = pictures();
  assertStrictEquals(plainData(split), split);
  const make = () => split;
  assertStrictEquals(plainData(make), make);
  assertStrictEquals(plainData(split.train as never), split.train); // opened, it is told to be split
  forgetPictures();
});

noLeaks("data that is here is told from a description of it", () => {
  const split = pictures();
  assertEquals(isLive(split), true);
  assertEquals(isLive({ train: { data: "emoji" }, validation: { data: "emoji" } }), false);
  assertEquals(isLive({ data: "emoji", split: {} }), false);
  assertNotEquals(plainData({ data: "emoji", split: {} }), split);
  forgetPictures();
});
