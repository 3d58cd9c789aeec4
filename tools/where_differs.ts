/**
 * `deno task where-differs NAME [--engine wasm]`: where a network departs from torchvision's. First its keys and its printed
 * text, then, with torchvision's figures at hand, the outputs of its children in the order in which they run: the first whose
 * mean or standard deviation is off has the mistake in it, or between it and the one before.
 *
 * Exits with 1 where anything differs.
 */
import type * as tf from "@tensorflow/tfjs";
import { show, type TableSpec } from "../lib/display/mod.ts";
import { type RungName, useEngine } from "../lib/engine/mod.ts";
import { features } from "../lib/inspect/mod.ts";
import * as models from "../lib/models/mod.ts";
import type { Module } from "../lib/nn/mod.ts";
import {
  goldenImages,
  type GoldenModel,
  goldenState,
  logitError,
  readGolden,
  statistics,
} from "../tests/models/golden.ts";

/** One child's output beside torchvision's. */
export interface ChildDifference {
  child: string;
  expected: [mean: number, std: number];
  /** Undefined where the child does not run here. */
  found?: [mean: number, std: number];
  /** How far mean and deviation are off at most, as a share of the deviation. */
  off: number;
  /** Why the network breaks off there, where it does. */
  problem?: string;
}

/** Where a network and torchvision's part; everything is empty for one that does not. */
export interface Differences {
  /** Names of the state with what is wrong about each: missing, unexpected, of another shape. */
  keys: string[];
  /** The first line of the printed text that differs, as `[expected, found]`. */
  text?: [expected: string | undefined, found: string | undefined];
  /** All of torchvision's children that make one tensor, in the order in which they run there. */
  children: ChildDifference[];
  /** How far the logits are off at most, as a share of the largest; NaN where there are none. */
  logits: number;
}

/** Compares a network with its golden row. The network is given the row's values and is in evaluation mode afterwards. */
export async function whereDiffers(model: Module, golden: GoldenModel, salt: string): Promise<Differences> {
  const state = goldenState(golden, salt, model);
  const keys = keyDifferences(model, golden);
  model.eval().loadStateDict(state, { strict: false });
  const images = goldenImages(salt, golden.size);
  try {
    const children: ChildDifference[] = [];
    for (const [child, expected] of Object.entries(golden.children)) {
      const { found, problem } = await outputOf(model, child, images);
      const off = found ? Math.max(...found.map((value, i) => Math.abs(value - expected[i]))) / expected[1] : NaN;
      children.push({ child, expected, found, off, problem });
    }
    const broken = children.some(({ problem }) => problem);
    const logits = broken ? NaN : await logitsOff(model, images, golden);
    return { keys, text: textDifference(String(model), golden.repr), children, logits };
  } finally {
    images.dispose();
  }
}

function keyDifferences(model: Module, golden: GoldenModel): string[] {
  const own = new Map(model.namedState().map(([name, { shape }]) => [name, `[${shape.join(", ")}]`]));
  const theirs = new Map(golden.keys.map(([name, shape]) => [name, `[${shape.join(", ")}]`]));
  return [
    ...[...theirs].filter(([name]) => !own.has(name)).map(([name, shape]) => `${name}: expected ${shape}, found none`),
    ...[...own].filter(([name]) => !theirs.has(name)).map(([name, shape]) => `${name}: expected none, found ${shape}`),
    ...[...theirs].filter(([name, shape]) => own.has(name) && own.get(name) !== shape)
      .map(([name, shape]) => `${name}: expected ${shape}, found ${own.get(name)}`),
  ];
}

function textDifference(found: string, expected: string): Differences["text"] {
  const [ours, theirs] = [found.split("\n"), expected.split("\n")];
  const line = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, i) => i).find((i) =>
    ours[i] !== theirs[i]
  );
  return line === undefined ? undefined : [theirs[line], ours[line]];
}

async function outputOf(
  model: Module,
  child: string,
  images: tf.Tensor,
): Promise<{ found?: [mean: number, std: number]; problem?: string }> {
  let output: tf.Tensor;
  try {
    output = features(model, child, images)[child];
  } catch (error) {
    const { message } = error as Error;
    return error instanceof RangeError || /expected it to run/.test(message) ? {} : { problem: message };
  }
  const found = await statistics(output);
  output.dispose();
  return { found };
}

async function logitsOff(model: Module, images: tf.Tensor, golden: GoldenModel): Promise<number> {
  const logits = model.forward(images);
  const data = await logits.data() as Float32Array;
  logits.dispose();
  return logitError(data, golden);
}

/** The first child where the network breaks off, or that is off by more than float32's rounding explains. */
export function firstDeparture({ children }: Differences): ChildDifference | undefined {
  return children.find(({ found, off, problem }) => problem !== undefined || (found && !(off <= 1e-3)));
}

function table(name: string, differences: Differences): TableSpec {
  const first = firstDeparture(differences);
  return {
    kind: "table",
    title: `${name} beside torchvision`,
    columns: [
      { label: "child" },
      { label: "mean there", align: "right", format: "significant" },
      { label: "here", align: "right", format: "significant" },
      { label: "deviation there", align: "right", format: "significant" },
      { label: "here", align: "right", format: "significant" },
      { label: "off by", title: "as a share of the deviation", align: "right" },
    ],
    rows: differences.children.map((child) => [
      child === first ? { text: `${child.child}  ← departs here`, tone: "bad" } : child.child,
      child.expected[0],
      child.found?.[0] ?? null,
      child.expected[1],
      child.found?.[1] ?? null,
      child.found ? child.off.toExponential(1) : child.problem ?? "does not run",
    ]),
    caption: `logits off by ${differences.logits.toExponential(1)} of the largest`,
  };
}

if (import.meta.main) {
  const args = [...Deno.args];
  const at = args.indexOf("--engine");
  if (at >= 0) await useEngine(args.splice(at, 2)[1] as RungName);
  const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
  const row = golden.models[args[0]];
  if (args.length !== 1 || !row) {
    throw new RangeError(`Cannot compare: expected one of ${Object.keys(golden.models).join(", ")}, found ${args}`);
  }
  const differences = await whereDiffers(models.get(args[0]), row, golden.salt);
  const { keys, text, logits } = differences;
  keys.forEach((line) => console.log(line));
  if (text) {
    console.log(
      `printed text: expected ${text[0]?.trim() ?? "no more"}\n              found    ${text[1]?.trim() ?? "no more"}`,
    );
  }
  await show(table(args[0], differences));
  Deno.exit(keys.length > 0 || text || !(logits <= 1e-3) ? 1 : 0);
}
