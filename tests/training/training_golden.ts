/** What the tests of training steps share: PyTorch's figures of four SGD steps, and the network and batch that they stand for. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { DropoutLayer, type Module } from "../../lib/nn/mod.ts";
import { freeze } from "../../lib/training/mod.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { channelsLast, image, values } from "../golden/values.ts";
import { readGolden } from "../models/golden.ts";

/** Four SGD steps in PyTorch: what make_training_golden.py writes. */
export interface TrainingCase {
  model: string;
  train: string[] | null;
  size: number;
  loss: number[];
  grad_l2: Record<string, number>;
  state_l2?: Record<string, number>;
  logits?: number[][];
}

const { salt, cases } = await readGolden<{ salt: string; cases: TrainingCase[] }>("training.json.gz");

export { cases };

/** The optimizer's settings in all cases. */
export const SGD_OPTIONS = { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };

/** The network of a case as it was before the first step, in training mode. */
export function networkOf({ model: name, train }: TrainingCase): Module {
  const model = models.get(name, { numClasses: 9 }) as Module;
  fill(model);
  leaveNothingToChance(model);
  if (train) freeze(model, { except: train });
  return model.train();
}

/** The batch that every step of a case sees: eight pictures and their classes. */
export function batchOf({ size }: TrainingCase): { x: tf.Tensor; y: tf.Tensor1D } {
  return {
    x: tf.tensor(channelsLast(image(salt, 8, size), [8, 3, size, size]), [8, size, size, 3]),
    y: tf.tensor1d(Array.from({ length: 8 }, (_, i) => (7 * i) % 9), "int32"),
  };
}

/** Fails unless a figure is within 1 % of PyTorch's, or within `floor` where that is more. */
export function near(found: number, expected: number, what: string, floor = 0): void {
  const allowed = Math.max(1e-2 * Math.abs(expected), floor);
  assert(Math.abs(found - expected) <= allowed, `${what}: expected ${expected}, found ${found}`);
}

/** The reference's weights; see make_golden.py. */
function fill(model: Module): void {
  const entries = model.namedState().map(([name, stored]) => {
    const { shape, dtype } = stored;
    const data = dtype === "int64" ? stored.entry().dataSync!() : values(salt, name, shape);
    return [name, { shape: [...shape], data }] as const;
  });
  model.loadStateDict(StateDict.from(Object.fromEntries(entries)));
}

/** Dropout and stochastic depth were off in the reference. */
function leaveNothingToChance(model: Module): void {
  for (const module of model.modules()) {
    if (module instanceof DropoutLayer || module instanceof models.StochasticDepth) (module as { p: number }).p = 0;
  }
}
