import { assertAlmostEquals, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { join } from "node:path";
import "../../lib/engine/mod.ts";
import { cacheDir } from "../../lib/engine/cache.ts";
import { makeStore, NoRoom, openRoom } from "../../lib/training/feature_room.ts";
import { withEnvironment } from "../engine/environment.ts";

const MiB = 1024 * 1024;

Deno.test("sets go into memory as long as they fit, the small ones first, whatever their order", () => {
  const folder = Deno.makeTempDirSync();
  const room = openRoom({ bytes: 100, folder });
  const places = (sizes: number[], memory = 0) => room.places(sizes, { memory }).map((place) => place[0]).join("");
  assertEquals(places([40, 60]), "mm");
  assertEquals(places([61, 40]), "dm");
  assertEquals(places([70, 10, 80, 20]), "mmdm");
  assertEquals(places([200, 99, 1]), "dmm");
  assertEquals(places([101]), "d");
  assertEquals(places([40, 60], 41), "md"); // what is there already counts
  assertEquals(places([1], 100), "d");
  assertEquals(places([1], 120), "d");
  Deno.removeSync(folder);
});

Deno.test("what goes to disk needs room there, beside what stays free for others", () => {
  const folder = join(Deno.makeTempDirSync(), "made");
  const asked: string[] = [];
  let free = 0;
  const room = openRoom({ bytes: 0, folder }, (folder) => {
    asked.push(folder);
    return free;
  });
  free = 512 * MiB + 300;
  assertEquals(room.places([100, 200], { memory: 0 }), ["disk", "disk"]);
  const error = assertThrows(() => room.places([100, 201], { memory: 0 }), NoRoom);
  assertEquals(error.name, "NoRoom");
  free = 600 * MiB;
  assertThrows(
    () => room.places([80 * MiB, 20 * MiB], { memory: 0 }),
    NoRoom,
    `Cannot keep features: expected 100 MiB in "${folder}" beside 512 MiB that stay free, found 600 MiB; set THAW_CACHE ` +
      "to a larger disk, or train with fewer variants",
  );
  assertEquals(asked, [folder, folder, folder]);
  assertEquals(Deno.statSync(folder).isDirectory, true); // made, or its disk could not be asked
  // what fits into memory asks no disk
  openRoom({ bytes: 10, folder }, () => 0).places([10], { memory: 0 });
  Deno.removeSync(join(folder, ".."), { recursive: true });
});

Deno.test("the disk itself is asked: it has room for a byte and none for a million million of them a million times", () => {
  const folder = Deno.makeTempDirSync();
  const room = openRoom({ bytes: 0, folder });
  assertEquals(room.places([1], { memory: 0 }), ["disk"]);
  assertThrows(() => room.places([1e18], { memory: 0 }), NoRoom, "found ");
  Deno.removeSync(folder);
});

Deno.test("THAW_CACHE_BYTES is the budget; without it a quarter of the memory; the folder is below thaw's cache", async () => {
  const budget = (value: string | undefined) =>
    withEnvironment({ THAW_CACHE_BYTES: value, THAW_CACHE: "somewhere" }, () => openRoom({}));
  assertEquals((await budget("12345")).bytes, 12345);
  assertEquals((await budget("0")).bytes, 0);
  const { bytes, folder } = await budget(undefined);
  assertAlmostEquals(bytes, Deno.systemMemoryInfo().total / 4, 1);
  assertEquals(folder, join("somewhere", "features"));
  await withEnvironment({ THAW_CACHE_BYTES: "1 GB" }, () => {
    const message = 'Cannot use THAW_CACHE_BYTES: expected a number of bytes, a whole number from 0, found "1 GB"';
    assertThrows(() => openRoom({}), RangeError, message);
    assertEquals(openRoom({ bytes: 7 }).bytes, 7); // nobody asked it
  });
  assertEquals(openRoom({ folder: "x" }).folder, "x");
  assertEquals(cacheDir("features") === openRoom({}).folder, true);
});

Deno.test("a store is of the place that it is for", () => {
  const folder = Deno.makeTempDirSync();
  const room = openRoom({ folder });
  for (const place of ["memory", "disk"] as const) {
    const store = makeStore(place, room);
    assertEquals(store.place, place);
    store.dispose();
  }
  assertInstanceOf(new NoRoom("none"), Error);
  Deno.removeSync(folder);
});
