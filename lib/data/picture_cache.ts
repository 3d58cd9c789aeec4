import type { Picture } from "./types.ts";

const defaultBudget = 512 * 2 ** 20;

/**
 * Keeps a dataset's resized pictures in memory, so that the second epoch decodes nothing.
 *
 * The most that one dataset keeps is `THAW_IMAGE_CACHE_BYTES`, 512 MiB unless set; 0 keeps nothing. Of a dataset that is
 * larger, as many pictures stay as fit: dropping the oldest for the newest would lose each just before its next turn.
 * Pictures of another size than the one asked for last make room.
 */
export class PictureCache {
  #pictures = new Map<string, Map<number, Picture>>();
  #bytes = 0;
  readonly #budget: number;

  constructor(budget: number = budgetFromEnvironment()) {
    this.#budget = budget;
  }

  /** The bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The picture at a dataset's position, made under the transforms that `key` stands for. */
  get(key: string, index: number): Picture | undefined {
    return this.#pictures.get(key)?.get(index);
  }

  /** Keeps a picture where there is room. */
  put(key: string, index: number, picture: Picture): void {
    const size = picture.data.byteLength;
    if (size > this.#budget) return;
    this.#makeRoom(size, key);
    const group = this.#pictures.get(key) ?? new Map<number, Picture>();
    if (this.#bytes + size > this.#budget || group.has(index)) return;
    this.#pictures.set(key, group.set(index, picture));
    this.#bytes += size;
  }

  /** Drops pictures of other sizes, no more than needed: training and validation may use two sizes in turn. */
  #makeRoom(size: number, key: string): void {
    for (const [other, group] of this.#pictures) {
      if (other === key) continue;
      for (const [index, { data }] of group) {
        if (this.#bytes + size <= this.#budget) return;
        group.delete(index);
        this.#bytes -= data.byteLength;
      }
    }
  }
}

function budgetFromEnvironment(): number {
  const text = Deno.env.get("THAW_IMAGE_CACHE_BYTES")?.trim();
  if (!text) return defaultBudget;
  const bytes = Number(text);
  if (Number.isInteger(bytes) && bytes >= 0) return bytes;
  throw new RangeError(
    `Cannot use THAW_IMAGE_CACHE_BYTES: expected a number of bytes such as 536870912, found "${text}"`,
  );
}
