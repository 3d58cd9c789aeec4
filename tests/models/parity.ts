/**
 * `deno task parity [NAME…] [--engine wasm]`: every network of torchvision's beside torchvision's figures: keys, shapes,
 * parameter count, printed text, and logits to 1e-3 of the largest. With names, only those.
 *
 * One line a network: how far its worst logit is off as a share of the largest one, the seconds that it took, and the most
 * memory that the process held meanwhile. The networks run one after the other, and each gives back what it took; those of more
 * than 50 million parameters have a process of their own, since a process keeps much of the memory that it once had. On the
 * slower engines, without names, only small networks run.
 *
 * The last line is `N passed, N failed`. A network that is not there yet counts as failed only where it is named.
 */
import * as tf from "@tensorflow/tfjs";
import { formatNumber } from "../../lib/display/mod.ts";
import { engine, type RungName, useEngine } from "../../lib/engine/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { release } from "../tensors.ts";
import {
  assertOutput,
  assertStructure,
  goldenImages,
  type GoldenModel,
  goldenState,
  logitError,
  readGolden,
} from "./golden.ts";

/** Parameters above which a network has a process of its own, and up to which the slower engines run it too. */
const large = 50e6, small = 15e6;

interface Outcome {
  passed: boolean;
  line: string;
}

/** One network, here. */
async function run(name: string, golden: GoldenModel, salt: string): Promise<Outcome> {
  const started = performance.now();
  resetPeak();
  const before = tf.memory().numTensors;
  let error = NaN, problem = "";
  const model = models.get(name);
  try {
    assertStructure(model, golden);
    model.loadStateDict(goldenState(golden, salt, model));
    const images = goldenImages(salt, golden.size);
    const logits = model.eval().forward(images);
    error = logitError(await logits.data() as Float32Array, golden);
    tf.dispose([images, logits]);
    if (!(error <= 1e-3)) await assertOutput(model, golden, salt); // says where it departs
  } catch (caught) {
    problem = (caught as Error).message;
  }
  release(model);
  const left = tf.memory().numTensors - before;
  if (left !== 0 && problem === "") problem = `left ${left} tensors behind`;
  const passed = problem === "" && error <= 1e-3;
  const seconds = (performance.now() - started) / 1000;
  const peak = formatNumber(peakBytes(), "bytes");
  const line = `${passed ? "ok    " : "FAILED"} ${name.padEnd(20)} ${error.toExponential(1).padStart(8)} ` +
    `${seconds.toFixed(1).padStart(6)} s ${peak.padStart(9)}${problem && `\n       ${shortened(problem)}`}`;
  return { passed, line };
}

/** One network, in a process whose memory goes back to the machine with it. */
async function runApart(name: string, rung: string): Promise<Outcome> {
  const args = ["run", "-A", import.meta.filename!, name, "--engine", rung, "--here"];
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  return {
    passed: code === 0,
    line: code === 0 || code === 1 ? lines.slice(0, -1).join("\n") : `FAILED ${name}: ${code}`,
  };
}

/** The most memory that this process has held since {@linkcode resetPeak}; where the system does not say, what it holds now. */
function peakBytes(): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
  } catch {
    return Deno.memoryUsage().rss;
  }
}

function resetPeak(): void {
  try {
    Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  } catch {
    // then the peak is that of the process so far
  }
}

/** A comparison of printed texts may be thousands of lines. */
function shortened(problem: string): string {
  const lines = problem.split("\n").filter((line) => line.trim() !== "");
  const differing = lines.filter((line) => /^\s*[+-] /.test(line));
  return [lines[0], ...(differing.length ? differing : lines.slice(1)).slice(0, 6)].join("\n       ");
}

if (import.meta.main) {
  const args = [...Deno.args];
  const here = args.includes("--here");
  const at = args.indexOf("--engine");
  if (at >= 0) await useEngine(args[at + 1] as RungName);
  const named = args.filter((arg, i) => !arg.startsWith("--") && (at < 0 || i !== at + 1));
  const rung = engine().backend as string;
  const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
  const unknown = named.find((name) => !Object.hasOwn(golden.models, name));
  if (unknown) {
    throw new RangeError(`Cannot compare "${unknown}": expected one of ${Object.keys(golden.models).join(", ")}`);
  }
  const all = named.length ? named : Object.keys(golden.models);
  const fits = (name: string) => named.length > 0 || rung === "tensorflow" || golden.models[name].params <= small;
  const known = new Set(models.list());
  let passed = 0, failed = 0;
  for (const name of all.filter(fits)) {
    if (!known.has(name)) {
      console.log(`none   ${name}: not among thaw's networks`);
      if (named.length) failed++;
      continue;
    }
    const apart = !here && golden.models[name].params > large;
    const outcome = await (apart ? runApart(name, rung) : run(name, golden.models[name], golden.salt));
    console.log(outcome.line);
    if (outcome.passed) passed++;
    else failed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed > 0 || passed === 0 ? 1 : 0);
}
