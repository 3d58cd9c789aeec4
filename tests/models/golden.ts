/** What the parity tests of networks share: torchvision's figures, the weights they stand for, and where a port departs. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Module } from "../../lib/nn/mod.ts";
import { onForward } from "../../lib/nn/run.ts";
import { type Entry, StateDict } from "../../lib/weights/state_dict.ts";
import { channelsLast, image, values } from "../golden/values.ts";

/** The figures of one network in torchvision.json.gz; see make_golden.py. */
export interface GoldenModel {
  size: number;
  classes: number;
  gain: number;
  var: number;
  params: number;
  keys: [name: string, shape: number[], dtype: string][];
  repr: string;
  /** Mean and standard deviation of each child's output, for the children that make one tensor. */
  children: Record<string, [mean: number, std: number]>;
  /** The first 16 logits of each of the two pictures. */
  logits: number[][];
  sum: number[];
  l2: number[];
  argmax: number[];
}

/** Reads a gzipped JSON file beside this repository's golden figures. */
export async function readGolden<T>(name: string): Promise<T> {
  const file = await Deno.open(new URL(`../golden/${name}`, import.meta.url));
  const text = file.readable.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream());
  return JSON.parse((await Array.fromAsync(text)).join(""));
}

/**
 * The state dict that a golden row was computed with: each entry made when it is read, so that no network is held twice. Numbers
 * that follow from the structure (an attention window's positions) were left as they were, and are the network's own here.
 */
export function goldenState({ keys, gain, var: variance }: GoldenModel, salt: string, model: Module): StateDict {
  const own = new Map(model.namedState());
  return StateDict.from(keys.map(([name, shape, dtype]): [string, Entry] => {
    if (dtype === "int64" && own.has(name)) return [name, own.get(name)!.entry()];
    const dataSync = () => values(salt, name, shape, gain, variance);
    return [name, { shape, dtype: dtype as Entry["dtype"], dataSync, data: () => Promise.resolve(dataSync()) }];
  }));
}

/** The batch of two pictures that the golden figures were computed with, `[2, size, size, 3]`. */
export function goldenImages(salt: string, size: number): tf.Tensor4D {
  return tf.tensor4d(channelsLast(image(salt, 2, size), [2, 3, size, size]), [2, size, size, 3]);
}

/** Keys, shapes, element types, parameter count and printed text. */
export function assertStructure(model: Module, golden: GoldenModel): void {
  assertEquals(model.namedState().map(([name, { shape, dtype }]) => [name, [...shape], dtype]), golden.keys);
  assertEquals(model.parameters().reduce((sum, { size }) => sum + size, 0), golden.params);
  assertEquals(String(model), golden.repr);
}

/**
 * Runs the network in evaluation mode on the golden pictures and compares its logits, to 1e-3 of the row's largest; a
 * network that departs fails with the first child whose output does.
 */
export async function assertOutput(model: Module, golden: GoldenModel, salt: string): Promise<void> {
  const outputs = new Map<string, tf.Tensor>();
  const remove = model.namedChildren().map(([name, child]) =>
    onForward(child, (_module, _input, output) => {
      outputs.get(name)?.dispose();
      outputs.set(name, tf.keep(output.clone()));
    })
  );
  const images = goldenImages(salt, golden.size);
  const logits = model.eval().forward(images);
  images.dispose();
  remove.forEach((off) => off());
  try {
    for (const [name, expected] of Object.entries(golden.children)) {
      if (outputs.has(name)) await assertStatistics(name, outputs.get(name)!, expected);
    }
    const data = await logits.data() as Float32Array;
    for (const [row, expected] of golden.logits.entries()) {
      assertLogits(data.slice(row * golden.classes, (row + 1) * golden.classes), golden, row, expected);
    }
  } finally {
    tf.dispose([logits, ...outputs.values()]);
  }
}

/**
 * How far a network's logits for the golden pictures are off at most, as a share of their row's largest; the row's norm counts
 * as one of them. Infinite where another class is the most likely.
 */
export function logitError(data: Float32Array, golden: GoldenModel): number {
  const errors = golden.logits.flatMap((expected, row) => {
    const found = data.slice(row * golden.classes, (row + 1) * golden.classes);
    const largest = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const norm = Math.abs(Math.hypot(...found) / golden.l2[row] - 1);
    const winner = found.indexOf(Math.max(...found)) === golden.argmax[row] ? 0 : Infinity;
    return [winner, norm, ...expected.map((value, i) => Math.abs(found[i] - value) / largest)];
  });
  return errors.some(Number.isNaN) ? NaN : Math.max(...errors);
}

function assertLogits(found: Float32Array, golden: GoldenModel, row: number, expected: number[]): void {
  const largest = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expected.forEach((value, i) => {
    const error = Math.abs(found[i] - value);
    assert(error <= 1e-3 * largest, `logit ${i} of picture ${row}: expected ${value}, found ${found[i]}`);
  });
  const sum = found.reduce((total, value) => total + value, 0);
  const l2 = Math.hypot(...found);
  assert(Math.abs(l2 - golden.l2[row]) <= 1e-3 * golden.l2[row], `norm: expected ${golden.l2[row]}, found ${l2}`);
  // a thousand errors of 1e-3 may add up; in truth they have both signs
  assert(Math.abs(sum - golden.sum[row]) <= 1e-2 * golden.l2[row], `sum: expected ${golden.sum[row]}, found ${sum}`);
  assertEquals(found.indexOf(Math.max(...found)), golden.argmax[row], `argmax of picture ${row}`);
}

/** A tensor's mean and (unbiased) standard deviation. */
export async function statistics(x: tf.Tensor): Promise<[mean: number, std: number]> {
  const data = await x.data() as Float32Array;
  let sum = 0, squares = 0;
  for (const value of data) sum += value;
  for (const value of data) squares += (value - sum / data.length) ** 2;
  return [sum / data.length, Math.sqrt(squares / (data.length - 1))];
}

/** Compares a tensor's mean and standard deviation, to 1e-3 of the latter. */
export async function assertStatistics(name: string, x: tf.Tensor, [mean, std]: [number, number]): Promise<void> {
  const found = await statistics(x);
  assert(Math.abs(found[0] - mean) <= 1e-3 * std, `mean of ${name}'s output: expected ${mean}, found ${found[0]}`);
  assert(Math.abs(found[1] - std) <= 1e-3 * std, `deviation of ${name}'s output: expected ${std}, found ${found[1]}`);
}
