import { crc32 } from "node:zlib";

/**
 * The CRC-32 that zip files keep of each file.
 *
 * @param piece how much is given to zlib at a time, which counts lengths in 32 bits
 */
export function checksum(bytes: Uint8Array, piece: number = 2 ** 30): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += piece) crc = crc32(bytes.subarray(at, at + piece), crc);
  return crc;
}
