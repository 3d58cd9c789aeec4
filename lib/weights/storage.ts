import type { TakePiece } from "./pieces.ts";
import { describe, Global, isTuple, type Storage, StorageHandle } from "./python.ts";

/** The bytes of a storage, wherever a file keeps them. */
export interface StorageBytes {
  /** Fills `into` with the storage's bytes from byte `at`. */
  read(into: Uint8Array, at: number): void;
  /** Goes through all of them in pieces as long as `piece`; absent where `read` can do as well. */
  readPieces?(piece: Uint8Array, use: TakePiece): void;
}

/** What a torch file holds: its pickled value, and where the storages that it names are. */
export interface TorchFile {
  readonly value: unknown;
  /** Whether the numbers were written by a big-endian machine. */
  readonly bigEndian: boolean;
  /** The storages by key, each with its bytes. */
  readonly storages: ReadonlyMap<string, StorageBytes>;
}

/**
 * Collects the storages that a pickle names. torch writes each as the persistent id
 * `("storage", torch.FloatStorage, key, device, elements)`; old files add `(view key, start, elements)` or None.
 */
export class StorageTable {
  readonly #storages = new Map<string, Storage>();

  /** The storages that are not views of others, by key. */
  get roots(): ReadonlyMap<string, Storage> {
    return this.#storages;
  }

  /** The handle for a persistent id. */
  handle = (id: unknown): StorageHandle => {
    if (!isTuple(id) || id[0] !== "storage" || !(id[1] instanceof Global) || !id[1].type) return malformed(id);
    const [, { type, name }, key, _device, elements, view] = id as [string, Global, unknown, unknown, number, unknown];
    if (typeof key !== "string" || !keyPattern.test(key) || !isLength(elements, type!.bytes)) return malformed(id);
    const known = this.#storages.get(key);
    if (known && (known.type.dtype !== type!.dtype || known.elements !== elements)) {
      throw new TypeError(
        `storage ${key} is said to be ${known.elements} × ${known.type.dtype} and ${elements} × ${
          type!.dtype
        } (${name})`,
      );
    }
    const root = known ?? { key, type: type!, elements, start: 0 };
    if (!known) this.#storages.set(key, root);
    return new StorageHandle(isTuple(view) ? viewOf(root, view) : root);
  };
}

/** torch's keys are numbers, written out; every tensor is found by the key of its storage, so that it must be short. */
const keyPattern = /^[\x20-\x7e]{1,256}$/;

function viewOf(root: Storage, view: readonly unknown[]): Storage {
  const [, start, elements] = view;
  if (!isLength(start, 1) || !isLength(elements, 1) || start + elements > root.elements) return malformed(view);
  return { ...root, start, elements };
}

function isLength(value: unknown, unit: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && Number.isSafeInteger((value as number) * unit);
}

function malformed(id: unknown): never {
  const parts = Array.isArray(id) ? `(${id.slice(0, 8).map(describe).join(", ")})` : describe(id);
  throw new TypeError(`expected its pickle to name a storage, found ${parts}`);
}
