import { assertEquals, assertThrows } from "@std/assert";
import { ByteReader } from "../../lib/weights/byte_reader.ts";
import { bytesSource, fileSource, readBytes } from "../../lib/weights/source.ts";

Deno.test("a file is read by position, whether it is small or large", async () => {
  const path = await Deno.makeTempFile();
  for (const size of [100, 3_000_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 8));
    await Deno.writeFile(path, bytes);
    const source = fileSource(path);
    assertEquals(source.size, size);
    assertEquals(readBytes(source, size - 50, 50), bytes.slice(-50));
    assertEquals(readBytes(source, 10, 20), bytes.slice(10, 30));
    assertThrows(
      () => readBytes(source, size - 1, 2),
      RangeError,
      `the file ends too early: expected 2 bytes at ${size - 1}, found ${size} in all`,
    );
    assertThrows(() => readBytes(source, -1, 2), RangeError, "the file ends too early");
    source.close();
  }
  await Deno.remove(path);
});

Deno.test("a large file that has been closed, or has become shorter, says so", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(3_000_000));
  const source = fileSource(path);
  await Deno.truncate(path, 1000);
  assertThrows(() => readBytes(source, 0, 2000), RangeError, "has become shorter than 3000000 bytes while it was read");
  source.close();
  assertThrows(() => readBytes(source, 0, 10), TypeError, "has been closed: read its tensors before closing it");
  await Deno.remove(path);
});

Deno.test("reading front to back crosses from chunk to chunk", () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  const reader = new ByteReader(bytesSource(bytes, "test"), 65_535);
  assertEquals(reader.uint16(), bytes[65_535] + 256 * bytes[65_536]);
  assertEquals(reader.bytes(100_000), bytes.slice(65_537, 165_537));
  assertEquals(reader.position, 165_537);
  assertEquals(reader.uint8(), bytes[165_537]);
  assertThrows(() => reader.bytes(50_000), RangeError, "expected 50000 more bytes at 165538, found 34462");
});
