import { assertEquals, assertThrows } from "@std/assert";
import { PictureCache } from "../../lib/data/picture_cache.ts";
import { picture, test } from "./support.ts";

const small = picture(2, 2); // 12 bytes

test("as many pictures as fit are kept, the first ones", () => {
  const cache = new PictureCache(30);
  for (let i = 0; i < 4; i++) cache.put("a", i, small);
  assertEquals([0, 1, 2, 3].map((i) => cache.get("a", i) === small), [true, true, false, false]);
  assertEquals(cache.bytes, 24);
  cache.put("a", 0, small);
  assertEquals(cache.bytes, 24);
});

test("pictures of another size make room", () => {
  const cache = new PictureCache(30);
  cache.put("a", 0, small);
  cache.put("a", 1, small);
  cache.put("b", 0, picture(3, 3)); // 27 bytes
  assertEquals([cache.get("a", 0), cache.get("b", 0)?.width, cache.bytes], [undefined, 3, 27]);
  cache.put("c", 0, picture(9, 9));
  assertEquals([cache.get("c", 0), cache.get("b", 0)?.width], [undefined, 3]);
});

test("no more room is made than needed", () => {
  const cache = new PictureCache(40);
  for (let i = 0; i < 3; i++) cache.put("a", i, small);
  cache.put("b", 0, small);
  assertEquals([0, 1, 2].map((i) => cache.get("a", i) === small), [false, true, true]);
  assertEquals([cache.get("b", 0) === small, cache.bytes], [true, 36]);
});

test("THAW_IMAGE_CACHE_BYTES is the budget", () => {
  const before = Deno.env.get("THAW_IMAGE_CACHE_BYTES");
  try {
    Deno.env.set("THAW_IMAGE_CACHE_BYTES", "12");
    const cache = new PictureCache();
    cache.put("a", 0, small);
    cache.put("a", 1, small);
    assertEquals(cache.bytes, 12);
    Deno.env.set("THAW_IMAGE_CACHE_BYTES", "12 MB");
    assertThrows(
      () => new PictureCache(),
      RangeError,
      'Cannot use THAW_IMAGE_CACHE_BYTES: expected a number of bytes such as 536870912, found "12 MB"',
    );
  } finally {
    if (before === undefined) Deno.env.delete("THAW_IMAGE_CACHE_BYTES");
    else Deno.env.set("THAW_IMAGE_CACHE_BYTES", before);
  }
});
