import { bytesOf, elementCount, fits } from "./dtype.ts";
import type { Entry } from "./state_dict.ts";

/**
 * Hands a tensor's bytes, as a file takes them, to `use`, which may not keep them.
 *
 * @throws {TypeError} where its data does not fit its shape and element type
 */
export async function withBytes(name: string, entry: Entry, use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  if (entry.lend) return await entry.lend(use);
  const data = await entry.data();
  const expected = elementCount(entry.shape);
  if (data.length === expected && fits(data, entry.dtype)) return await use(bytesOf(data));
  throw new TypeError(
    `expected ${expected} numbers of ${entry.dtype} in "${name}", found a ${data.constructor.name} of ${data.length}`,
  );
}
