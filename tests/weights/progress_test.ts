import { assertEquals } from "@std/assert";
import { progressSpec } from "../../lib/weights/progress.ts";

Deno.test("a download says how far it is, how fast, and how long it will take", () => {
  assertEquals(progressSpec({ name: "net.pth", received: 25e6, total: 100e6, rate: 5e6, done: false }), {
    kind: "progress",
    label: "net.pth",
    fraction: 0.25,
    detail: "25.0 MB of 100.0 MB, 5.0 MB/s",
    timeLeft: 15,
  });
});

Deno.test("a download of unknown size says how much there is", () => {
  assertEquals(progressSpec({ name: "net.pth", received: 25e6, rate: 0, done: true }), {
    kind: "progress",
    label: "net.pth",
    fraction: null,
    detail: "25.0 MB",
  });
});
