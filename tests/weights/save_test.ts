import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { dtypes, type TypedArray } from "../../lib/weights/dtype.ts";
import { load } from "../../lib/weights/load.ts";
import { save } from "../../lib/weights/save.ts";
import { bytesSource } from "../../lib/weights/source.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { writeTorchZip } from "../../lib/weights/write_torch_zip.ts";
import { readZipDirectory, readZipEntry } from "../../lib/weights/zip.ts";
import { expected, fixture, fixtureBytes, rowsOf } from "./fixtures.ts";

async function written(sd: StateDict): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await writeTorchZip(sd, (bytes) => Promise.resolve(void parts.push(bytes.slice())));
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

for (const name of ["plain.pth", "model.pth"]) {
  Deno.test(`${name} equals the one that torch.save writes, byte for byte up to torch's record of its own hash`, async () => {
    const theirs = fixtureBytes(name);
    const ours = await written(await load(theirs));
    const records = readZipDirectory(bytesSource(theirs, name));
    const folder = [...records.keys()][0].split("/")[0];
    // torch.save calls the folder after the file, which moves everything by its length.
    const pickles = [theirs, ours].map((bytes, i) => {
      const directory = readZipDirectory(bytesSource(bytes, name));
      return readZipEntry(bytesSource(bytes, name), directory.get(`${i ? "archive" : folder}/data.pkl`)!).toHex();
    });
    assertEquals(pickles[1], pickles[0]);
    if (folder === "archive") {
      const end = records.get("archive/.data/serialization_id")!.headerOffset;
      assertEquals(ours.subarray(0, end).toHex(), theirs.subarray(0, end).toHex());
    }
    const directory = readZipDirectory(bytesSource(ours, "ours"));
    assertEquals([...directory.keys()].slice(-1), ["archive/version"]);
  });
}

Deno.test("what is saved is loaded again, whatever the element type", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["dtypes.pth", "views_legacy.pth", "model.pth", "empty_dict.pth"]) {
    const path = `${folder}/${name}`;
    await save(await load(fixture(name)), path);
    assertEquals(await rowsOf(await load(path)), expected[name]);
  }
  const sd = await load(`${folder}/views_legacy.pth`);
  assertStrictEquals(sd.get("whole"), sd.get("tied"));
  assertEquals([...Deno.readDirSync(folder)].length, 4);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a state dict can be saved over the file that it is read from", async () => {
  const path = await Deno.makeTempFile();
  await Deno.copyFile(fixture("model.pth"), path);
  await save(await load(path), path);
  assertEquals(await rowsOf(await load(path)), expected["model.pth"]);
  await Deno.remove(path);
});

Deno.test("the same state dict gives the same bytes; more than 1000 entries and large sizes are written as Python does", async () => {
  const many = StateDict.from(
    Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`layer${i}`, { shape: [1], data: [i] }])),
  );
  const bytes = await written(many);
  assertEquals(bytes, await written(many));
  const again = await load(bytes);
  assertEquals([again.size, (await again.get("layer2000")!.data())[0]], [2001, 2000]);
});

Deno.test("what is no state dict, and what is no path, is refused before anything is written", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/w.pth`;
  const sd = StateDict.from({});
  class Net {
    stateDict = () => sd;
  }
  const mistakes: [save: () => Promise<void>, message: string][] = [
    [
      () => save(new Net() as unknown as StateDict, path),
      "Cannot save: expected a state dict, found a network (Net); write save(model.stateDict(), path)",
    ],
    [
      () => save(Promise.resolve(sd) as unknown as StateDict, path),
      "Cannot save: expected a state dict, found a promise; did you forget await?",
    ],
    [
      () => save(undefined as unknown as StateDict, path),
      "Cannot save: expected a state dict, found undefined",
    ],
    [() => save(sd, undefined as unknown as string), "Cannot save: expected a path, found undefined"],
  ];
  for (const [run, message] of mistakes) assertEquals((await assertRejects(run, TypeError)).message, message);
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("data that does not fit is refused, and nothing is left behind", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/w.pth`;
  await Deno.writeTextFile(path, "what was there");
  const wrong = (data: TypedArray) =>
    StateDict.from([["w", { shape: [2], dtype: dtypes[1], data: () => Promise.resolve(data) }]]);
  await assertRejects(
    () => save(wrong(new Float32Array(3)), path),
    Error,
    `Cannot save "${path}": expected 2 numbers of float32 in "w", found a Float32Array of 3`,
  );
  await assertRejects(() => save(wrong(new Int32Array(2)), path), Error, "found a Int32Array of 2");
  assertEquals([...Deno.readDirSync(folder)].map((file) => file.name), ["w.pth"]);
  assertEquals(await Deno.readTextFile(path), "what was there");
  await Deno.remove(folder, { recursive: true });
  await assertRejects(() => save(wrong(new Float32Array(2)), path), Error, `Cannot save "${path}": No such file`);
});
