import { crc32 } from "node:zlib";

/**
 * The CRC-32 that zip files keep of each file.
 *
 * @param crc that of what comes before
 * @param piece how much is given to zlib at a time, which counts lengths in 32 bits
 */
export function checksum(bytes: Uint8Array, crc = 0, piece: number = 2 ** 30): number {
  for (let at = 0; at < bytes.length; at += piece) crc = crc32(bytes.subarray(at, at + piece), crc);
  return crc;
}
