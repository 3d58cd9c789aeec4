/** The traps of Deno's kernel, met by cells in the real kernel with Jupyter's own client: nobody has to know them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needJupyter } from "../tools/setup/jupyter.ts";
import { PROJECT } from "../tools/setup/paths.ts";
import { tail } from "../tools/setup/process.ts";
import { runPython } from "../tools/setup/python.ts";

const SESSION = fileURLToPath(new URL("kernel_session.py", import.meta.url));

interface Step {
  code: string;
  /** The stop button is pressed as soon as the cell shows this. */
  interruptAt?: string;
  /** How many seconds after the cell's end its outputs are waited for. */
  listen?: number;
}

interface Seen {
  status: "ok" | "error" | "aborted";
  seconds: number;
  secondsAfterStop: number | null;
  outputs: { type: string; text: string; own: boolean; afterEnd: number | null }[];
}

/** Runs cells one after the other in a kernel of their own. */
async function session(name: string, steps: Step[]): Promise<Seen[]> {
  const folder = join(PROJECT, "out", "test", "kernel", name); // below the project, where the kernel finds deno.json
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, "steps.json");
  await Deno.writeTextFile(path, JSON.stringify(steps));
  const { python } = await needJupyter();
  const run = await runPython(python, [SESSION, path], { env: { JUPYTER_PREFER_ENV_PATH: "1" } });
  assertEquals(run.code, 0, tail(run.stderr, 12));
  return run.stdout.trim().split("\n").map((line) => JSON.parse(line));
}

const text = (cell: Seen) => cell.outputs.map((output) => output.text).join("\n");

/** Small steps and many of them, so that an epoch takes a while: there is no end to these in a test's time. */
const SETUP = `import { data, fit, manualSeed, nn } from "thaw";
import * as tf from "@tensorflow/tfjs";
manualSeed(1);
const points = data.fromTensors(tf.randomNormal([4000, 2]), Array.from({ length: 4000 }, (_, i) => i % 2));
const split = points.split({ validation: 0.01, seed: 1 });
const net = new nn.Sequential(new nn.Linear(2, 2));
const before = await net.get("0", nn.Linear).weight.value.data();`;

const LEARNT = `const after = await net.get("0", nn.Linear).weight.value.data();
console.log("learnt:", after.some((value, i) => value !== before[i]));`;

Deno.test("the stop button ends a training in the middle of an epoch and not the kernel; what it learnt is kept", async () => {
  const [, , stopped, next] = await session("stop", [
    { code: SETUP },
    { code: `const options = { epochs: 1000, batchSize: 2, restoreBest: false };` },
    { code: `const run = await fit(net, split, options);`, interruptAt: "epoch 2 of" },
    {
      code: `console.log("state:", run.state, "epochs:", run.history.length, "first loss:", run.history[0].loss);
console.log("validated:", run.history.map((epoch) => epoch.validationLoss !== undefined).join());
${LEARNT}`,
    },
  ]);
  assertEquals(stopped.status, "ok", text(stopped));
  assertEquals(next.status, "ok", text(next));
  const kept = text(next).match(/state: stopped epochs: (\d+) first loss: 0\.\d+/);
  assert(kept, `expected a stopped run with a history, found ${text(next)}`);
  assert(Number(kept[1]) >= 2, `expected the first epoch and the begun one, found ${kept[1]}`);
  // only an epoch that was run to its end is validated
  assertMatch(text(next), /validated: true,(true,)*false\n/);
  assertStringIncludes(text(next), "learnt: true");
});

Deno.test("a training that was not awaited goes on while other cells run, and is stopped from the next cell", async () => {
  const [, begun, meanwhile, stopped, next] = await session("next-cell", [
    { code: SETUP },
    { code: `const training = fit(net, split, { epochs: 1000, batchSize: 2, restoreBest: false });`, listen: 1.5 },
    { code: `console.log("now:", training.state);` },
    { code: `const run = await training.stop();\nconsole.log("then:", run.state, run.history.length > 0);` },
    { code: LEARNT },
  ]);
  assertEquals(
    [begun.status, stopped.status, next.status],
    ["ok", "ok", "ok"],
    [begun, stopped, next].map(text).join(),
  );
  assert(begun.outputs.some(({ type }) => type === "update_display_data"), "expected curves that move meanwhile");
  assertStringIncludes(text(meanwhile), "now: running");
  assertStringIncludes(text(stopped), "then: stopped true");
  assertStringIncludes(text(next), "learnt: true");
});

Deno.test("an error in a timer and a promise that nobody waits for are printed at once, and the next cell runs", async () => {
  const [, timer, promise, stop, next] = await session("errors", [
    { code: `import "thaw";` },
    { code: `setTimeout(() => { throw new RangeError("from a timer"); }, 50);`, listen: 2 },
    { code: `Promise.reject(new TypeError("nobody waits for this"));\n"last value";`, listen: 2 },
    { code: `const waited = await new Promise((resolve) => setTimeout(() => resolve("timers run"), 50));\nwaited;` },
    { code: `console.log("the kernel lives")` },
  ]);
  const late = timer.outputs.find((output) => output.text.includes("from a timer"));
  assertStringIncludes(late?.text ?? text(timer), "Uncaught error: RangeError: from a timer");
  assert((late!.afterEnd ?? 0) < 1.5, `expected it at once, found it ${late!.afterEnd} s after the cell`);
  assertStringIncludes(text(promise), "Unhandled rejection: TypeError: nobody waits for this");
  assertStringIncludes(text(promise), "last value");
  assertStringIncludes(text(stop), "timers run");
  assert(stop.seconds < 5, `expected timers to go on, found ${stop.seconds} s`);
  assertStringIncludes(text(next), "the kernel lives");
});
