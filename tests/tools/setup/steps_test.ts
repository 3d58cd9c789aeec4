import { assertEquals, assertMatch } from "@std/assert";
import { runSteps, type Step } from "../../../tools/setup/steps.ts";

function fakeStep(name: string, log: string[], step: Partial<Step> = {}): Step {
  let done = false;
  return {
    name,
    about: `about ${name}`,
    done: () => Promise.resolve(done ? `${name} is there` : undefined),
    run() {
      log.push(name);
      done = true;
      return Promise.resolve(`made ${name}`);
    },
    ...step,
  };
}

Deno.test("missing steps run in order and say so; a second run does nothing over again", async () => {
  const log: string[] = [];
  const lines: string[] = [];
  const steps = [fakeStep("a", log), fakeStep("b", log)];
  const first = await runSteps(steps, { print: (line) => lines.push(line) });
  assertEquals(log, ["a", "b"]);
  assertEquals(first, { ready: [], made: ["a", "b"], failed: [] });
  assertEquals(lines[0], "[1/2] a: about a");
  assertMatch(lines[1], /^ {6}done in \d+\.\d s: made a$/);

  lines.length = 0;
  const second = await runSteps(steps, { print: (line) => lines.push(line) });
  assertEquals(log, ["a", "b"]);
  assertEquals(second, { ready: ["a", "b"], made: [], failed: [] });
  assertEquals(lines, ["[1/2] a: a is there", "[2/2] b: b is there"]);
});

Deno.test("a step that fails is told and does not stop the others", async () => {
  const log: string[] = [];
  const lines: string[] = [];
  const broken = { optional: true, run: () => Promise.reject(new Error("no network\ntry again")) };
  const steps = [fakeStep("a", log, broken), fakeStep("b", log)];
  const report = await runSteps(steps, { print: (line) => lines.push(line) });
  assertEquals(report.failed, [{ name: "a", optional: true, message: "no network\ntry again" }]);
  assertEquals(report.made, ["b"]);
  assertEquals(lines[1], "[1/2] a: FAILED. no network\n      try again");
});

Deno.test("quiet says nothing about what is there already", async () => {
  const lines: string[] = [];
  const steps = [fakeStep("a", [], { done: () => Promise.resolve("there") }), fakeStep("b", [])];
  await runSteps(steps, { print: (line) => lines.push(line), quiet: true });
  assertEquals(lines[0], "[2/2] b: about b");
});
