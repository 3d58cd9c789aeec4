import { assert, assertEquals, assertThrows } from "@std/assert";
import { sections } from "../../../../bench/gpu/pack/elf.ts";
import { cardCode, keepOneCard } from "../../../../bench/gpu/pack/fatbin.ts";

const PTX = 1, CUBIN = 2;

/** A container of code for cards: entries of [kind, architecture, what fills their code, its size]. */
function container(entries: [kind: number, architecture: number, fill: number, size: number][]): number[] {
  const body = entries.flatMap(([kind, architecture, fill, size]) => {
    const header = new DataView(new ArrayBuffer(64));
    header.setUint16(0, kind, true);
    header.setUint32(4, 64, true);
    header.setBigUint64(8, BigInt(size), true);
    header.setUint32(28, architecture, true);
    return [...new Uint8Array(header.buffer), ...Array(size).fill(fill)];
  });
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 0xba55ed50, true);
  header.setUint16(4, 1, true);
  header.setUint16(6, 16, true);
  header.setBigUint64(8, BigInt(body.length), true);
  return [...new Uint8Array(header.buffer), ...body];
}

/** An ELF file of sections with these contents; one without contents is memory that no file has. */
function elf(contents: Record<string, number[] | undefined>): Uint8Array<ArrayBuffer> {
  const all = Object.entries({ ...contents, ".shstrtab": [] as number[] });
  const names = all.map(([name]) => name).join("\0") + "\0";
  all.at(-1)![1] = [...new TextEncoder().encode(names)];
  const data = all.flatMap(([, bytes]) => bytes ?? []);
  const start = 64 + data.length;
  const file = new Uint8Array(start + 64 * all.length), view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(0x28, BigInt(start), true);
  view.setUint16(0x3a, 64, true);
  view.setUint16(0x3c, all.length, true);
  view.setUint16(0x3e, all.length - 1, true);
  file.set(data, 64);
  let offset = 64, name = 0;
  for (const [i, [text, bytes]] of all.entries()) {
    const header = start + 64 * i;
    view.setUint32(header, name, true);
    view.setUint32(header + 4, bytes ? 1 : 8, true); // SHT_PROGBITS, SHT_NOBITS
    view.setBigUint64(header + 0x18, BigInt(offset), true);
    view.setBigUint64(header + 0x20, BigInt(bytes?.length ?? 1e12), true);
    offset += bytes?.length ?? 0;
    name += text.length + 1;
  }
  return file;
}

function library(): Uint8Array<ArrayBuffer> {
  return elf({
    ".text": [1, 2, 3, 4, 5, 6, 7, 8],
    ".bss": undefined,
    ".nv_fatbin": [
      ...container([[CUBIN, 80, 0x80, 24], [CUBIN, 90, 0x90, 16], [PTX, 90, 0x9f, 8]]),
      ...Array(24).fill(0), // the next one is somewhere behind
      ...container([[CUBIN, 90, 0x91, 8]]),
    ],
    "__nv_relfatbin": container([[CUBIN, 70, 0x70, 8]]),
  });
}

Deno.test("the sections of a file are those of its header", () => {
  const found = sections(library());
  assertEquals(found.map(({ name }) => name), [".text", ".nv_fatbin", "__nv_relfatbin", ".shstrtab"]);
  assertEquals([found[0].offset, found[0].size], [64, 8]);
});

Deno.test("code for cards is found with its kind and architecture, in every container", () => {
  const file = library();
  const found = [...cardCode(file)];
  assertEquals(found.map(({ kind, architecture, size }) => [kind, architecture, size]), [
    ["cubin", 80, 24],
    ["cubin", 90, 16],
    ["ptx", 90, 8],
    ["cubin", 90, 8],
    ["cubin", 70, 8],
  ]);
  const fills = found.map(({ offset, size }) => [...new Set(file.subarray(offset, offset + size))]);
  assertEquals(fills, [[0x80], [0x90], [0x9f], [0x91], [0x70]]);
});

Deno.test("only one card's code stays; everything else of the file is as it was", () => {
  const before = library(), after = library();
  assertEquals(keepOneCard(after, 90), { kept: 24, blanked: 40 });
  for (const { kind, architecture, offset, size } of cardCode(before)) {
    const [now, then] = [after, before].map((file) => [...file.subarray(offset, offset + size)]);
    assertEquals(now, kind === "cubin" && architecture === 90 ? then : Array(size).fill(0));
    after.set(then, offset);
  }
  assertEquals(after, before);
});

Deno.test("a library without code for cards stays as it is", () => {
  const file = elf({ ".text": [1, 2, 3] }), before = file.slice();
  assertEquals(keepOneCard(file, 90), { kept: 0, blanked: 0 });
  assertEquals(file, before);
});

Deno.test("an architecture without compiled code is refused, and nothing is changed", () => {
  const file = library();
  assertThrows(
    () => keepOneCard(file, 100),
    RangeError,
    "Cannot keep a card's code alone: expected an architecture that the library has compiled code for (70, 80, 90), " +
      "found 100",
  );
  assertEquals(file, library());
});

Deno.test("what is no ELF file is refused", () => {
  assertThrows(
    () => sections(new TextEncoder().encode("#!/bin/sh\n".repeat(10))),
    TypeError,
    "Cannot read the file's sections: expected a 64-bit little-endian ELF file, found another one",
  );
  assert(sections(library()).length > 0);
});
