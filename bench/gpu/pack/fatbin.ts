import { sections } from "./elf.ts";

/** Code for one kind of card, within a library: compiled (`cubin`) or to be compiled by the driver (`ptx`). */
export interface CardCode {
  kind: "cubin" | "ptx";
  /** The card's compute capability without its point: 90. */
  architecture: number;
  offset: number;
  size: number;
}

/** The sections in which NVIDIA's compiler puts code, for cards, by what is linked. */
const SECTIONS = [".nv_fatbin", "__nv_relfatbin"];

const MAGIC = 0xba55ed50;
const PTX = 1, CUBIN = 2;

/**
 * The code for cards in a library. A section has containers, one for each file that was compiled: a header (magic number,
 * version, the header's size, the size of what follows), then entries of a header (kind, its size, the code's size,
 * architecture) and the code.
 */
export function* cardCode(library: Uint8Array): Generator<CardCode> {
  const view = new DataView(library.buffer, library.byteOffset, library.byteLength);
  const long = (at: number) => Number(view.getBigUint64(at, true));
  for (const { name, offset, size } of sections(library)) {
    if (!SECTIONS.includes(name)) continue;
    const end = offset + size;
    for (let at = offset; at + 16 <= end;) {
      if (view.getUint32(at, true) !== MAGIC) {
        at += 8; // containers begin at multiples of 8
        continue;
      }
      let entry = at + view.getUint16(at + 6, true);
      const next = entry + long(at + 8);
      while (entry < next) {
        const kind = view.getUint16(entry, true), header = view.getUint32(entry + 4, true), size = long(entry + 8);
        if (header + size === 0) break; // padding
        if (kind === PTX || kind === CUBIN) {
          const architecture = view.getUint32(entry + 28, true);
          yield { kind: kind === PTX ? "ptx" : "cubin", architecture, offset: entry + header, size };
        }
        entry += header + size;
      }
      at = Math.max(next, at + 8);
    }
  }
}

/**
 * Overwrites with zeros the code for all cards but one kind, in place. Nothing moves, and the headers stay: a driver that looks
 * for its card's code passes over the rest.
 *
 * @param architecture the compute capability without its point: 90
 * @returns how many bytes of code stay, and how many are zeros now
 * @throws RangeError where there is no compiled code for such a card
 */
export function keepOneCard(library: Uint8Array, architecture: number): { kept: number; blanked: number } {
  const all = [...cardCode(library)];
  const stays = (code: CardCode) => code.kind === "cubin" && code.architecture === architecture;
  if (all.length > 0 && !all.some(stays)) {
    const known = [...new Set(all.filter(({ kind }) => kind === "cubin").map(({ architecture }) => architecture))];
    throw new RangeError(
      `Cannot keep a card's code alone: expected an architecture that the library has compiled code for ` +
        `(${known.sort((a, b) => a - b).join(", ")}), found ${architecture}`,
    );
  }
  let kept = 0, blanked = 0;
  for (const code of all) {
    if (stays(code)) kept += code.size;
    else {
      library.fill(0, code.offset, code.offset + code.size);
      blanked += code.size;
    }
  }
  return { kept, blanked };
}
