import { statfsSync } from "node:fs";
import { FileRows } from "../data/file_rows.ts";
import { MemoryRows } from "../data/memory_rows.ts";
import type { RowStore } from "../data/row_store.ts";
import { cacheDir } from "../engine/cache.ts";
import { wholeNumber } from "../engine/environment.ts";
import { tensorMemory } from "../engine/mod.ts";
import type { FeatureBankOptions } from "./features.ts";

/** How much room there is for features, and where. */
export interface FeatureRoom {
  /** The bytes that may be kept in memory. */
  readonly bytes: number;
  /** The folder for those that may not. */
  readonly folder: string;
  /**
   * Where sets of these sizes go, given what is kept already: into memory as long as they fit, the small ones first.
   *
   * @throws {Error} where the disk has no room for the others
   */
  places(sizes: readonly number[], kept: { memory: number }): ("memory" | "disk")[];
}

/** What of the disk stays free, in bytes. */
const SPARE = 512 * 1024 * 1024;

/**
 * @param free tells how many bytes are free on a folder's disk
 * @throws {RangeError} where an option cannot be
 */
export function openRoom(
  { bytes = memoryBudget(), folder = cacheDir("features") }: FeatureBankOptions,
  free = freeBytes,
): FeatureRoom {
  if (!(bytes >= 0)) throw new RangeError(`Cannot keep features: expected bytes to be a number ≥ 0, found ${bytes}`);
  return {
    bytes,
    folder,
    places(sizes, { memory }) {
      const places = sizes.map((): "memory" | "disk" => "disk");
      let left = bytes - memory;
      for (const i of [...sizes.keys()].sort((a, b) => sizes[a] - sizes[b])) {
        if (sizes[i] > left) break;
        places[i] = "memory";
        left -= sizes[i];
      }
      const onDisk = sizes.reduce((sum, size, i) => places[i] === "disk" ? sum + size : sum, 0);
      if (onDisk > 0) checkDisk(folder, onDisk, free);
      return places;
    },
  };
}

/** A store for the rows of one variant. */
export function makeStore(place: "memory" | "disk", { folder }: FeatureRoom): RowStore {
  return place === "memory" ? new MemoryRows() : new FileRows(folder);
}

/** How many bytes of features are kept in memory: `THAW_CACHE_BYTES`, or a quarter of what tensors have. */
function memoryBudget(): number {
  return wholeNumber("THAW_CACHE_BYTES", "a number of bytes", 0) ?? tensorMemory() / 4;
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function checkDisk(folder: string, bytes: number, freeOn: (folder: string) => number): void {
  Deno.mkdirSync(folder, { recursive: true });
  const free = freeOn(folder);
  if (bytes + SPARE <= free) return;
  const mib = (size: number) => `${Math.round(size / 1024 / 1024)} MiB`;
  throw new NoRoom(
    `Cannot keep features: expected ${mib(bytes)} in "${folder}" beside ${mib(SPARE)} that stay free, ` +
      `found ${mib(free)}; set THAW_CACHE to a larger disk, or train with fewer variants`,
  );
}

/** There is no room for features on the disk. */
export class NoRoom extends Error {
  override name = "NoRoom";
}
