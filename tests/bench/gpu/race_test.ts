import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { SpeedCase } from "../../../bench/gpu/cases.ts";
import { describeRace, isOutOfMemory, race, ratio } from "../../../bench/gpu/race.ts";
import { median, significant } from "../../../bench/gpu/numbers.ts";
import { sideCommand } from "./sides.ts";
import { withFolder } from "../../folders.ts";

const left = () => 30;
const asked: SpeedCase = {
  kind: "speed",
  name: "speed resnet18 2 × 64 float32",
  network: "resnet18",
  precision: "float32",
  batch: 2,
  size: 64,
  seconds: 0.1,
};

Deno.test("sides get ready one after the other, then take turns", () =>
  withFolder(async (folder) => {
    const log = join(folder, "log");
    const commands = [
      sideCommand("thaw", { log, forward: "0.5", step: "2" }),
      sideCommand("PyTorch", { log, forward: "0.25", step: "3" }),
    ];
    const found = await race(commands, 2, left);
    const round = ["thaw forward", "PyTorch forward", "thaw step", "PyTorch step"];
    const lines = (await Deno.readTextFile(log)).trim().split("\n");
    assertEquals(lines, ["thaw prepare", "PyTorch prepare", ...round, ...round]);
    const { thaw, PyTorch } = found.outcomes;
    const counts = (betweenOps: number) => ({ counts: { ops: 7, betweenOps, reads: 0, uploads: 0 } });
    assertEquals(thaw, {
      memoryBytes: 100,
      forward: { best: 0.5, median: 0.5, rounds: [0.5, 0.5], latency: 1, dispatch: 0.25, ...counts(1 / 3) },
      step: { best: 2, median: 2, rounds: [2, 2], latency: 4, dispatch: 0.25, ...counts(1 / 4) },
    });
    assertEquals(PyTorch.step, { best: 3, median: 3, rounds: [3, 3], latency: 6, dispatch: 0.25 });
    assertEquals(found.apart, false);
    assertEquals(ratio(thaw, PyTorch), { forward: 0.5, step: 1.5 });
    assertEquals(
      describeRace(asked, found),
      "speed resnet18 2 × 64 float32: thaw forward 500 ms, step 2.00e+3 ms; PyTorch forward 250 ms, step 3.00e+3 ms; " +
        "forward 0.50 × PyTorch's speed; step 1.50 × PyTorch's speed",
    );
  }));

Deno.test("a side that breaks leaves the other one going", async () => {
  const commands = [
    sideCommand("thaw", { forward: "1", step: "1" }),
    sideCommand("PyTorch", { forward: "1", step: "die" }),
  ];
  const { outcomes } = await race(commands, 2, left);
  assertEquals(outcomes.PyTorch.problem, 'PyTorch ended at "step" with exit code 3:\nsomething to read');
  assertEquals(outcomes.PyTorch.forward?.rounds, [1]);
  assertEquals(outcomes.thaw.step?.rounds, [1, 1]);
  assertEquals(ratio(outcomes.thaw, outcomes.PyTorch), { forward: 1 });
});

Deno.test("where memory is too short for two sides at once, each has the card to itself", () =>
  withFolder(async (folder) => {
    const short = join(folder, "taken");
    const commands = ["thaw", "PyTorch"].map((name) => sideCommand(name, { short, forward: "1", step: "1" }));
    const found = await race(commands, 1, left);
    assertEquals(found.apart, true);
    assertEquals(Object.values(found.outcomes).map(({ problem, step }) => [problem, step?.best]), [
      [undefined, 1],
      [undefined, 1],
    ]);
  }));

Deno.test("a side that alone is too large keeps its problem", async () => {
  const { outcomes, apart } = await race([sideCommand("thaw", { prepare: "fail" })], 1, left);
  assertEquals([outcomes, apart], [{ thaw: { problem: "it cannot be done" } }, false]);
});

Deno.test("what says that memory was too short", () => {
  for (
    const problem of [
      "Cannot run Conv2D on float32 [128, 224, 224, 3]: OOM when allocating tensor with shape[128,64,112,112]",
      "Cannot run Conv2D on float32 [128, 224, 224, 3]. The card's memory is used up: take a smaller batchSize",
      "Cannot compute on webgpu: the card's memory is full, and what was computed since is void",
      "OutOfMemoryError: CUDA out of memory. Tried to allocate 392.00 MiB",
    ]
  ) assertEquals(isOutOfMemory(problem), true, problem);
  assertEquals(isOutOfMemory("Cannot run Conv2D: no algorithm worked"), false);
});

Deno.test("the median of an even number of rounds lies between the middle ones; four digits count", () => {
  assertEquals([median([10, 1, 2]), median([10, 1, 4, 2])], [2, 3]);
  assertEquals([significant(0.00123456), significant(123456)], [0.001235, 123500]);
});
