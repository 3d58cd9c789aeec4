/** A part of an ELF file: a name, and where it lies. */
export interface Section {
  name: string;
  offset: number;
  size: number;
}

const NOTHING_IN_FILE = 8; // SHT_NOBITS

/**
 * The sections of a 64-bit little-endian ELF file, as its header lists them (elf.h: Elf64_Ehdr, Elf64_Shdr).
 *
 * @throws TypeError where it is no such file
 */
export function sections(file: Uint8Array): Section[] {
  const [e, l, f] = [..."ELF"].map((letter) => letter.charCodeAt(0));
  const magic = [0x7f, e, l, f, 2, 1]; // 64 bits, little end first
  if (file.length < 64 || magic.some((byte, i) => file[i] !== byte)) {
    throw new TypeError("Cannot read the file's sections: expected a 64-bit little-endian ELF file, found another one");
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const number = (at: number) => Number(view.getBigUint64(at, true));
  const start = number(0x28), size = view.getUint16(0x3a, true);
  const count = view.getUint16(0x3c, true), names = view.getUint16(0x3e, true);
  const header = (i: number) => start + i * size;
  const text = number(header(names) + 0x18);
  return Array.from({ length: count }, (_, i) => header(i))
    .filter((at) => view.getUint32(at + 4, true) !== NOTHING_IN_FILE)
    .map((at) => {
      const name = text + view.getUint32(at, true);
      return {
        name: new TextDecoder().decode(file.subarray(name, file.indexOf(0, name))),
        offset: number(at + 0x18),
        size: number(at + 0x20),
      };
    });
}
