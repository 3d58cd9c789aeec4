/**
 * Bytes that are read by position: of an open file, or of a buffer in memory.
 *
 * Reading is synchronous: a seek and a read with nothing between them cannot be interleaved by another reader of the
 * same file, and a tensor's bytes go from the file straight into its array.
 */
export interface Source {
  /** What error messages call it. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
  /**
   * Fills `into` from `position`.
   *
   * @throws {RangeError} where the bytes end before `into` is full
   */
  readInto(into: Uint8Array, position: number): void;
  /** Closes the file; reading it is an error from then on. */
  close(): void;
}

/** The bytes of a range as a new array; the range is checked before memory is taken for it. */
export function readBytes(source: Source, position: number, length: number): Uint8Array<ArrayBuffer> {
  checkRange(source, position, length);
  const bytes = new Uint8Array(length);
  source.readInto(bytes, position);
  return bytes;
}

/** A source over bytes in memory, which must not be changed afterwards. */
export function bytesSource(bytes: Uint8Array, name: string): Source {
  const source: Source = {
    name,
    size: bytes.length,
    readInto(into, position) {
      checkRange(source, position, into.length);
      into.set(bytes.subarray(position, position + into.length));
    },
    close() {},
  };
  return source;
}

const smallFile = 1 << 20; // read at once: many of them must not use up the process's descriptors

// An open descriptor goes on reading the file that it opened, even where the path has been replaced or deleted since.
// Nobody has to close it: it goes when the last tensor that reads from it is collected.
const collected = new FinalizationRegistry((file: Deno.FsFile) => file.close());

/**
 * A source over a file. A large file is open until `close()` is called or nobody holds the source.
 *
 * @throws {Deno.errors.NotFound} where there is no such file
 */
export function fileSource(path: string): Source {
  const file = Deno.openSync(path);
  const { size, isFile } = file.statSync();
  if (!isFile) {
    file.close();
    throw new TypeError(`expected a file, found a folder or device`);
  }
  let open = true;
  const source: Source = {
    name: path,
    size,
    readInto(into, position) {
      if (!open) throw new TypeError(`${path} has been closed: read its tensors before closing it`);
      checkRange(source, position, into.length);
      file.seekSync(position, Deno.SeekMode.Start);
      for (let filled = 0; filled < into.length;) {
        const count = file.readSync(into.subarray(filled));
        if (count === null) throw new RangeError(`${path} has become shorter than ${size} bytes while it was read`);
        filled += count;
      }
    },
    close() {
      if (!open) return;
      open = false;
      collected.unregister(source);
      file.close();
    },
  };
  if (size <= smallFile) {
    const bytes = readBytes(source, 0, size);
    source.close();
    return bytesSource(bytes, path);
  }
  collected.register(source, file, source);
  return source;
}

function checkRange(source: Source, position: number, length: number): void {
  if (Number.isSafeInteger(position) && position >= 0 && length >= 0 && position + length <= source.size) return;
  throw new RangeError(`the file ends too early: expected ${length} bytes at ${position}, found ${source.size} in all`);
}
