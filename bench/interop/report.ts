import { createHash } from "node:crypto";
import type { nn, StateDict } from "thaw";
import * as tf from "@tensorflow/tfjs";
import { channelsLast } from "../../tests/golden/values.ts";

/** A tensor of a state dict: name, element type, shape, and the SHA-256 of its bytes. */
export type Fingerprint = [name: string, dtype: string, shape: readonly number[], hash: string];

/** What both sides say of a network; torch_side.py says the same of its own. */
export interface Report {
  state: Fingerprint[];
  text: string;
  logits: number[][];
  /** Which parameters are to be trained. */
  requiresGrad: Record<string, boolean>;
  /** Which modules are in training mode. */
  training: Record<string, boolean>;
}

export async function fingerprints(stateDict: StateDict): Promise<Fingerprint[]> {
  const prints: Fingerprint[] = [];
  for (const [name, entry] of stateDict) {
    const { buffer, byteOffset, byteLength } = await entry.data();
    const hash = createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength)).digest("hex");
    prints.push([name, entry.dtype, entry.shape, hash]);
  }
  return prints;
}

/** @param pictures in torch's order, `[N, 3, size, size]` */
export async function report(model: nn.Module, pictures: Float32Array, size: number): Promise<Report> {
  const shape = [pictures.length / (3 * size * size), 3, size, size];
  const x = tf.tensor4d(channelsLast(pictures, shape), [shape[0], size, size, 3]);
  const y = model.forward(x) as tf.Tensor2D;
  const logits = await y.array();
  tf.dispose([x, y]);
  return {
    state: await fingerprints(model.stateDict()),
    text: String(model),
    logits,
    requiresGrad: Object.fromEntries(model.namedParameters().map(([name, { requiresGrad }]) => [name, requiresGrad])),
    training: Object.fromEntries(model.namedModules().map(([name, { training }]) => [name, training])),
  };
}

/** In what two lists of tensors differ, in words; the order counts where `ordered`. */
export function stateDifference(found: Fingerprint[], expected: Fingerprint[], ordered = true): string | undefined {
  const known = new Map(expected.map((print) => [print[0], JSON.stringify(print)]));
  const wrong = found.filter((print) => known.get(print[0]) !== JSON.stringify(print));
  const missing = expected.length - (found.length - wrong.length);
  if (wrong.length || missing) return `${wrong.length + missing} tensors, ${wrong[0]?.[0] ?? "some missing"} first`;
  const sameOrder = found.every(([name], i) => name === expected[i][0]);
  return sameOrder || !ordered ? undefined : "the order of the tensors";
}

/** How far logits are apart, relative to the largest of their row. */
export function logitsApart(found: number[][], expected: number[][]): number {
  const largest = (row: number[]) => Math.max(...row.map(Math.abs));
  return Math.max(
    ...expected.map((row, i) => largest(row.map((value, j) => value - found[i][j])) / largest(row)),
  );
}
