import { bytesOf, elementCount, fits } from "./dtype.ts";
import type { Entry } from "./state_dict.ts";

/**
 * A tensor's bytes as a file takes them.
 *
 * @throws {TypeError} where its data does not fit its shape and element type
 */
export async function entryBytes(name: string, entry: Entry): Promise<Uint8Array> {
  const data = await entry.data();
  const expected = elementCount(entry.shape);
  if (data.length === expected && fits(data, entry.dtype)) return bytesOf(data);
  throw new TypeError(
    `expected ${expected} numbers of ${entry.dtype} in "${name}", found a ${data.constructor.name} of ${data.length}`,
  );
}
