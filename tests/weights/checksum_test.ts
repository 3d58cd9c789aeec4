import { assertEquals } from "@std/assert";
import { checksum } from "../../lib/weights/checksum.ts";

Deno.test("a checksum is the same in pieces of any size", () => {
  const bytes = new TextEncoder().encode("123456789");
  assertEquals(checksum(new Uint8Array()), 0);
  for (const piece of [1, 4, 9, 100]) assertEquals(checksum(bytes, 0, piece), 0xcbf43926); // the check value of CRC-32
  assertEquals(checksum(bytes.subarray(4), checksum(bytes.subarray(0, 4))), 0xcbf43926);
});
