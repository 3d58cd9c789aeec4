import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { breathe } from "../../../lib/display/mod.ts";
import { Board } from "../../../lib/study/trials/board.ts";
import type { Trial } from "../../../lib/study/trials/trial.ts";
import { inFakeKernel } from "../../display/fake_kernel.ts";
import { epoch, result, tableOf } from "../splits/scripted.ts";

function trial(name: string, seed = 0, more: Partial<Trial> = {}): Trial {
  return { id: `${name}-seed${seed}`, setting: { until: name }, seed, task: "train", epochs: 4, ...more };
}

/** A board out of sight. */
function quiet(): Board {
  return new Board("Splits of a network", ({ setting, seed }) => `${setting.until}, seed ${seed}`, false);
}

/** The part of a board's spec of this kind. */
function part(board: Board, kind: string) {
  const spec = board.spec();
  assert(spec.kind === "stack");
  // deno-lint-ignore no-explicit-any
  return spec.items.find((item) => item.kind === kind) as any;
}

/** A trial's cells but for the time. */
function cells(board: Board, row: number): string[] {
  return tableOf(board)[row].slice(0, 5);
}

Deno.test("board: a trial from waiting to done, with its epochs and its best", () => {
  const board = quiet(), a = trial("a");
  board.plan([a]);
  assertEquals(cells(board, 0), ["a, seed 0", "waiting", "0 of 4", "", ""]);
  board.begin(a);
  board.tell(a, { kind: "progress", label: "computing what is frozen", share: 0.25 });
  assertEquals(cells(board, 0)[1], "running: computing what is frozen 25.0%");
  board.tell(a, { kind: "epoch", epoch: epoch(1, 0.6) });
  assertEquals(cells(board, 0), ["a, seed 0", "running", "1 of 4", "60.0%", "60.0%"]);
  board.tell(a, { kind: "epoch", epoch: epoch(2, 0.5) });
  assertEquals(cells(board, 0), ["a, seed 0", "running", "2 of 4", "50.0%", "60.0%"]);
  board.done(a, result(a.id, [0.6, 0.5, 0.7, 0.65], { seconds: 75 }));
  assertEquals(cells(board, 0), ["a, seed 0", "done", "4 of 4", "65.0%", "70.0%"]);
  assertEquals(part(board, "table").rows[0][5], 75);
  const [series] = part(board, "chart").panels[0].series;
  assertEquals(series, { name: "a, seed 0", x: [1, 2, 3, 4], y: [0.6, 0.5, 0.7, 0.65], points: true });
});

Deno.test("board: each way to end has its word, its reason and its colour", () => {
  const board = quiet();
  const [paused, out, lost, broke, rate, probe] = ["p", "o", "l", "b", "r", "q"].map((name) => trial(name));
  board.plan([paused, out, lost, broke, { ...rate, task: "rate" }, { ...probe, task: "probe" }]);
  board.pause(paused, result(paused.id, [0.5]));
  board.leaveOut(out, "50.0 % after epoch 1");
  const why = "Lost the process 7 in the middle of a trial: expected a result, found that it ended with exit code 1";
  board.fail(lost, why);
  board.done(broke, result(broke.id, [0.4], { error: "the loss became NaN" }));
  board.done({ ...rate, task: "rate" }, result(rate.id, [], { learningRate: 0.003 }));
  board.done({ ...probe, task: "probe" }, result(probe.id, [], { probe: 0.745 }));
  const states = part(board, "table").rows.map((row: { text: string; tone: string; title?: string }[]) => row[1]);
  assertEquals(states.map(({ text, tone }: { text: string; tone: string }) => [text, tone]), [
    ["paused", "neutral"],
    ["left out: 50.0 % after epoch 1", "muted"],
    [states[2].text, "bad"],
    ["failed: the loss became NaN", "bad"],
    ["done: rate 0.003", "good"],
    ["done: a linear head on its features: 74.5%", "good"],
  ]);
  assertEquals([states[2].text.length, states[2].title], ["failed: ".length + 60, why]);
  assertEquals(tableOf(board).map((row) => row[2]), ["1 of 4", "0 of 4", "0 of 4", "1 of 4", "", ""]);
});

Deno.test("board: a trial that is tried again tells its epochs anew", () => {
  const board = quiet(), a = trial("a");
  board.plan([a]);
  board.begin(a);
  for (const number of [1, 2, 3]) board.tell(a, { kind: "epoch", epoch: epoch(number, 0.1 * number) });
  board.tell(a, { kind: "epoch", epoch: epoch(1, 0.7) });
  assertEquals(cells(board, 0), ["a, seed 0", "running", "1 of 4", "70.0%", "70.0%"]);
  board.tell(a, { kind: "epoch", epoch: epoch(2, 0.8) });
  assertEquals(part(board, "chart").panels[0].series[0].x, [1, 2]);
});

Deno.test("board: a trial that goes on keeps what it has, and its target moves", () => {
  const board = quiet(), a = trial("a", 0, { pauseAfter: 1 });
  board.plan([a]);
  board.begin(a);
  board.done(a, result(a.id, [0.5]));
  assertEquals(cells(board, 0).slice(1), ["done", "1 of 1", "50.0%", "50.0%"]);
  const more = { ...a, pauseAfter: 2 };
  board.plan([more]);
  assertEquals(cells(board, 0).slice(1), ["waiting", "1 of 2", "50.0%", "50.0%"]);
  board.begin(more);
  board.tell(more, { kind: "epoch", epoch: epoch(2, 0.6) });
  assertEquals(cells(board, 0).slice(1), ["running", "2 of 2", "60.0%", "60.0%"]);
});

Deno.test("board: how far it is, by epochs; what was left out or has failed is not waited for", () => {
  const board = quiet();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => trial(name));
  board.plan([a, b, c, d, { ...trial("probe"), task: "probe" }]);
  const progress = () => part(board, "progress");
  assertEquals([progress().label, progress().fraction, progress().timeLeft], ["0 of 4 trials", 0, undefined]);
  board.done(a, result(a.id, [0.1, 0.2, 0.3, 0.4]));
  board.begin(b);
  board.tell(b, { kind: "epoch", epoch: epoch(1, 0.5) });
  assertEquals([progress().label, progress().fraction, progress().detail], ["1 of 4 trials", 5 / 16, "b, seed 0"]);
  board.leaveOut(b, "behind");
  board.fail(c, "lost");
  assertEquals([progress().fraction, progress().detail], [5 / 9, undefined]);
  board.done(d, result(d.id, [0.1, 0.2, 0.3, 0.4]));
  assertEquals([progress().label, progress().fraction], ["2 of 4 trials", 1]);
});

Deno.test("board: the time left, by a trial's own epochs, else those of its setting, else all", () => {
  const board = quiet();
  const [slow, again, fast, other] = [trial("slow"), trial("slow", 1), trial("fast"), trial("other")];
  board.plan([slow, again, fast, other]);
  board.begin(slow);
  board.tell(slow, { kind: "epoch", epoch: epoch(1, 0.5, 10) });
  board.tell(slow, { kind: "epoch", epoch: epoch(2, 0.5, 14) });
  board.begin(fast);
  board.tell(fast, { kind: "epoch", epoch: epoch(1, 0.5, 3) });
  const mean = (10 + 14 + 3) / 3;
  const all = 2 * 12 + 4 * 12 + 3 * 3 + 4 * mean; // slow, from another seed, fast, and one of which nothing is known
  assertAlmostEquals(part(board, "progress").timeLeft, all / 2, 1e-9); // two run at the same time
  board.leaveOut(other, "behind");
  board.fail(again, "lost");
  assertAlmostEquals(part(board, "progress").timeLeft, (2 * 12 + 3 * 3) / 2, 1e-9);
  board.done(slow, result(slow.id, [0.5, 0.5, 0.5, 0.5]));
  assertEquals(part(board, "progress").timeLeft, 3 * 3);
  board.pause(fast, result(fast.id, [0.5]));
  assertEquals(part(board, "progress").timeLeft, 0);
});

Deno.test("board: the last five things that were said", () => {
  const board = quiet(), a = trial("a");
  board.plan([a]);
  assertEquals(part(board, "text"), undefined);
  for (let i = 1; i <= 6; i++) board.tell(a, { kind: "log", text: `line ${i}` });
  board.note("a word of the study's");
  const { text } = part(board, "text");
  assertEquals(text.split("\n"), [...[3, 4, 5, 6].map((i) => `a, seed 0: line ${i}`), "a word of the study's"]);
});

Deno.test("board: a notebook sees it move, and in the end the result in its place", async () => {
  await inFakeKernel(async (kernel) => {
    const board = new Board("Splits", ({ id }) => id, true);
    const a = trial("a");
    board.plan([a]);
    board.begin(a);
    await breathe();
    await board.end({ kind: "text", text: "the best is a" });
    const count = kernel.messages.length;
    board.tell(a, { kind: "epoch", epoch: epoch(1, 0.5) }); // comes too late to be seen
    await board.end({ kind: "text", text: "something else" });
    assertEquals(kernel.messages.length, count);
    const texts = kernel.messages.map(({ data }) => String(data["text/plain"]));
    assert(texts[0].includes("Splits"), texts[0]);
    assertEquals(texts.at(-1), "the best is a");
    assertEquals(new Set(kernel.messages.map(({ id }) => id)).size, 1); // one place
  });
  await inFakeKernel(async (kernel) => {
    const board = new Board("Splits", ({ id }) => id, true);
    board.plan([trial("a")]);
    board.fail(trial("a"), "no such stage");
    await board.fall(); // the study has failed: what there was stays to be seen
    assert(String(kernel.messages.at(-1)!.data["text/plain"]).includes("failed: no such stage"));
  });
});
