import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "../../../bench/gpu/options.ts";

Deno.test("options: what is not said, and where results go", () => {
  assertEquals(parseOptions([]), {
    device: "gpu",
    python: "python3",
    only: [],
    list: false,
    minutes: Infinity,
    limit: 300,
    rounds: 5,
    again: false,
    out: "bench/results/gpu.json",
  });
  assertEquals(parseOptions(["--device", "cpu"]).out, "out/gpu_rehearsal.json");
  assertEquals(parseOptions(["--only", "parity,resnet50"]).only, ["parity", "resnet50"]);
});

Deno.test("options that cannot be are named", () => {
  assertThrows(
    () => parseOptions(["--device", "tpu"]),
    RangeError,
    "Cannot measure: expected --device gpu or cpu, found tpu",
  );
  assertThrows(
    () => parseOptions(["--minutes", "ten"]),
    RangeError,
    "Cannot measure: expected --minutes to be a number above 0, found ten",
  );
  assertThrows(
    () => parseOptions(["--rounds", "1.5"]),
    RangeError,
    "Cannot measure: expected --rounds to be a whole number above 0, found 1.5",
  );
});
