import { assertEquals, assertThrows } from "@std/assert";
import { bytesSource, fileSource } from "../../lib/weights/source.ts";
import { dataOffset, readZipDirectory, readZipEntry } from "../../lib/weights/zip.ts";
import { ZipWriter } from "../../lib/weights/zip_writer.ts";
import { fixtureBytes } from "./fixtures.ts";

async function zipOf(files: Record<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter((bytes) => Promise.resolve(void parts.push(bytes.slice())));
  for (const [name, text] of Object.entries(files)) await zip.add(name, new TextEncoder().encode(text));
  await zip.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function textOf(bytes: Uint8Array, name: string): string {
  const source = bytesSource(bytes, "test");
  return new TextDecoder().decode(readZipEntry(source, readZipDirectory(source).get(name)!));
}

/** Where the directory's record of a file begins. */
function recordOf(bytes: Uint8Array, name: string): DataView {
  const at = new TextDecoder("latin1").decode(bytes).lastIndexOf(name) - 46;
  return new DataView(bytes.buffer, at);
}

Deno.test("what is written is read, at multiples of 64 bytes", async () => {
  const files = { "a/empty": "", "a/text": "hello", "ünïcode": "x".repeat(1000) };
  const bytes = await zipOf(files);
  const source = bytesSource(bytes, "test");
  const directory = readZipDirectory(source);
  assertEquals([...directory.keys()], Object.keys(files));
  for (const [name, text] of Object.entries(files)) {
    assertEquals(textOf(bytes, name), text);
    assertEquals(dataOffset(source, directory.get(name)!) % 64, 0);
  }
});

Deno.test("files that lie beyond 4 GiB are written and read by zip64", async () => {
  const path = await Deno.makeTempFile();
  const file = await Deno.open(path, { write: true });
  const start = 5 * 2 ** 30; // a hole, which takes no space
  await file.seek(start, Deno.SeekMode.Start);
  const zip = new ZipWriter(async (bytes) => {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  }, start);
  await zip.add("far/away", new TextEncoder().encode("here"));
  await zip.add("far/behind", new TextEncoder().encode("there"));
  await zip.finish();
  file.close();
  const source = fileSource(path);
  const directory = readZipDirectory(source);
  assertEquals(directory.get("far/away")!.headerOffset, start);
  assertEquals(new TextDecoder().decode(readZipEntry(source, directory.get("far/behind")!)), "there");
  assertEquals(dataOffset(source, directory.get("far/away")!) % 64, 0);
  source.close();
  assertThrows(() => readZipEntry(source, directory.get("far/away")!), TypeError, "has been closed");
  await Deno.remove(path);
});

Deno.test("a comment after the end is allowed, other bytes are not", async () => {
  const bytes = await zipOf({ a: "hello" });
  const commented = new Uint8Array([...bytes, ...new TextEncoder().encode("by hand")]);
  assertThrows(
    () => readZipDirectory(bytesSource(commented, "test")),
    RangeError,
    "the end of the zip file is missing",
  );
  commented[bytes.length - 2] = 7;
  assertEquals(textOf(commented, "a"), "hello");
});

Deno.test("deflated files are read, and checked", () => {
  const bytes = fixtureBytes("deflated.pth");
  const source = bytesSource(bytes, "test");
  const entry = readZipDirectory(source).get("model/data/0")!;
  assertEquals([entry.stored, readZipEntry(source, entry).length], [false, 432]);
  bytes.fill(0xff, dataOffset(source, entry), dataOffset(source, entry) + 8);
  assertThrows(() => readZipEntry(source, entry), TypeError, '"model/data/0" in the zip file cannot be unpacked');
});

const refused: Record<string, [(bytes: Uint8Array) => void, string]> = {
  "a size that is not the stored one": [
    (bytes) => recordOf(bytes, "a/one").setUint32(24, 1e9, true),
    '"a/one" in the zip file cannot be 1000000000 bytes: it takes up 5',
  ],
  "a bomb": [
    (bytes) => {
      recordOf(bytes, "a/one").setUint16(10, 8, true);
      recordOf(bytes, "a/one").setUint32(24, 4e9, true);
    },
    '"a/one" in the zip file cannot be 4000000000 bytes: it takes up 5',
  ],
  "files that overlap": [
    (bytes) => recordOf(bytes, "a/two").setUint32(42, 1, true),
    '"a/one" in the zip file overlaps "a/two"',
  ],
  "a file that runs into the directory": [
    (bytes) => {
      recordOf(bytes, "a/two").setUint32(20, 1000, true);
      recordOf(bytes, "a/two").setUint32(24, 1000, true);
    },
    '"a/two" in the zip file runs into the directory',
  ],
  "encryption": [
    (bytes) => recordOf(bytes, "a/one").setUint16(8, 1, true),
    '"a/one" in the zip file is encrypted; unpack it with its password first',
  ],
  "another way of packing": [
    (bytes) => recordOf(bytes, "a/one").setUint16(10, 14, true),
    'expected "a/one" in the zip file stored or deflated, found method 14',
  ],
  "a name that comes twice": [
    (bytes) => bytes.set(new TextEncoder().encode("a/one"), recordOf(bytes, "a/two").byteOffset + 46),
    'the zip file lists "a/one" twice',
  ],
  "a damaged directory": [
    (bytes) => recordOf(bytes, "a/two").setUint32(0, 0, true),
    "the zip directory is damaged at file 2 of 2",
  ],
  "more files than the directory has room for": [
    (bytes) => new DataView(bytes.buffer).setUint32(bytes.length - 98 + 32, 1e9, true),
    "a zip directory of 102 bytes cannot list 1000000000 files",
  ],
  "a directory outside the file": [
    (bytes) => new DataView(bytes.buffer).setUint32(bytes.length - 98 + 48, 1e9, true),
    "the zip directory should lie at 1000000000 with 102 bytes, which the file does not have",
  ],
  "one part of several": [
    (bytes) => new DataView(bytes.buffer).setUint16(bytes.length - 22 + 4, 2, true),
    "the zip file is one of several parts; join them first",
  ],
};

for (const [what, [spoil, message]] of Object.entries(refused)) {
  Deno.test(`a zip file with ${what} is refused`, async () => {
    const bytes = await zipOf({ "a/one": "12345", "a/two": "67890" });
    spoil(bytes);
    assertThrows(() => readZipDirectory(bytesSource(bytes, "test")), Error, message);
  });
}

Deno.test("a directory that says other names than the files is refused", async () => {
  const bytes = await zipOf({ "a/one": "12345" });
  bytes[30] = "b".charCodeAt(0);
  assertThrows(() => textOf(bytes, "a/one"), TypeError, 'the zip directory says "a/one" where the file says "b/one"');
});
