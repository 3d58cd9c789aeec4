/** torchvision's figures for attention within windows and along grids, and how a module of ours is held against them. */
import { assert, assertEquals } from "@std/assert";
import type { EngineEntry, Module } from "../../../lib/nn/mod.ts";
import { type Entry, StateDict } from "../../../lib/weights/state_dict.ts";
import { weights } from "../../golden/layers.ts";
import { assertClose, plain, tensor, withGradients } from "../../tensors.ts";
import { readGolden } from "../golden.ts";

/** What a module makes of `between("NAME.input")`, and the slopes of the output's sum weighted by `between("NAME.slope")`. */
export interface Figures {
  name: string;
  shape: number[];
  output: number[];
  gradients: Record<string, number[]>;
}

/** A block of Swin's. */
export interface SwinCase<Args> extends Figures {
  type: string;
  args: Args;
  /** Height and width of the input. */
  size: [number, number];
}

/** An attention of Swin's. */
export interface AttentionCase extends SwinCase<[number, [number, number], [number, number], number]> {
  index: number[];
  coordinates?: number[];
  logitScale?: number[];
}

/** A layer of MaxViT's, in training. */
export interface MaxVitCase extends Figures {
  inputs: number;
  outputs: number;
  stride: number;
  grid: number;
  partition: number;
  text: string;
}

/** What make_window_golden.py writes. */
export const figures: {
  attention: AttentionCase[];
  merging: SwinCase<[number]>[];
  layers: MaxVitCase[];
} = await readGolden("window.json.gz");

/** Gives a module the weights that a case was computed with; whole numbers, and what `given` names, are others. */
export function fill(name: string, module: Module, given: Record<string, number[]> = {}): void {
  const entries = module.namedState().map(([key, stored]): [string, Entry] => {
    if (stored.dtype === "int64") return [key, stored.entry()];
    const data = given[key] ? Float32Array.from(given[key]) : weights(`${name}.${key}`, stored.shape);
    const { shape, dtype } = stored;
    return [key, { shape, dtype, dataSync: () => data, data: () => Promise.resolve(data) }];
  });
  module.loadStateDict(StateDict.from(entries));
}

/** Compares a module's output and all of its gradients, on the engine in use. */
export async function assertFigures(module: Module, inputShape: number[], expected: Figures): Promise<void> {
  const { name, shape, output, gradients } = expected;
  const x = tensor(plain(`${name}.input`, inputShape));
  const parameters = module.namedParameters();
  const [y, slope, ...slopes] = await withGradients(
    [x, ...parameters.map(([, { value }]) => value)],
    () => module.forward(x),
    (shape) => plain(`${name}.slope`, shape),
  );
  x.dispose();
  const wanted = (numbers: number[], shape: readonly number[]) => ({
    shape: [...shape],
    data: Float32Array.from(numbers),
  });
  assertClose(y, wanted(output, shape), 1e-5, `${name}: output`);
  assertClose(slope, wanted(gradients.input, inputShape), 1e-4, `${name}: gradient of the input`);
  assertEquals(parameters.map(([key]) => key), Object.keys(gradients).slice(1));
  const largest = Math.max(...Object.values(gradients).flat().map(Math.abs));
  for (const [i, [key, parameter]] of parameters.entries()) {
    const gradient = tensor(slopes[i]);
    const entry = parameter.entryOf(gradient) as EngineEntry;
    const found = { shape: [...entry.shape], data: await entry.data() as Float32Array };
    entry.dispose();
    gradient.dispose();
    // What batch norm takes away again, such as an offset in front of it, has no slope but for rounding.
    if (gradients[key].every((value) => Math.abs(value) < 1e-9)) {
      assert(found.data.every((value) => Math.abs(value) < 1e-5 * largest), `${name}: gradient of ${key} is none`);
    } else assertClose(found, wanted(gradients[key], parameter.shape), 1e-4, `${name}: gradient of ${key}`);
  }
}
