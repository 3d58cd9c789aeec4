import { assertEquals } from "@std/assert";
import { loudLines, withoutLogLines } from "../../../lib/engine/tensorflow/quiet.ts";

const log = `WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795471008.980630   22407 port.cc:153] custom operations are on.
W0000 00:00:1795471008.980631   22407 some.cc:1] take care
E0000 00:00:1795471008.980632   22407 some.cc:2] it failed
a line of somebody else's
`;
const lines = log.split("\n").map((line) => line + "\n");

Deno.test("a log keeps the lines at or above the level, and those that are not TensorFlow's", () => {
  assertEquals(loudLines(log, 1), lines.slice(2, 5).join(""));
  assertEquals(loudLines(log, 2), lines.slice(3, 5).join(""));
  assertEquals(loudLines(log, 3), lines[4]);
  assertEquals(loudLines("", 2), "");
});

Deno.test("what is loaded quietly gives its result and its error", () => {
  assertEquals(withoutLogLines(() => 7), 7);
  let message = "";
  try {
    withoutLogLines(() => {
      throw new Error("not here");
    });
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "not here");
});
