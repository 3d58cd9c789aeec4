/** What the tests of surgery share: a user's own network, moved statistics, and what a network computes. */
import type * as tf from "@tensorflow/tfjs";
import { nn } from "../nn/nn.ts";
import { type Plain, plain, release, tensor, withGradients } from "../tensors.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";

/** Grouped and depthwise convolutions, one with a bias, and batch norms that are not their next siblings. */
export class Own extends nn.Module {
  first = new nn.Conv2d(3, 8, 3, { padding: 1, bias: false });
  grouped = new nn.Conv2d(8, 12, 3, { groups: 4, stride: 2 });
  depthwise = new nn.Conv2d(12, 24, 3, { groups: 12, padding: 1 });
  norms = new nn.ModuleList([new nn.BatchNorm2d(8), new nn.BatchNorm2d(12), new nn.BatchNorm2d(24)]);
  relu = new nn.ReLU();
  head = new nn.Linear(24, 3);

  override forward(x: tf.Tensor): tf.Tensor {
    let y = this.relu.forward(this.norms[0].forward(this.first.forward(x)));
    y = this.relu.forward(this.norms[1].forward(this.grouped.forward(y)));
    y = this.relu.forward(this.norms[2].forward(this.depthwise.forward(y)));
    return this.head.forward(y.mean([1, 2]));
  }
}

/** Convolutions with a batch norm each, one after the other. */
export function stack(): nn.Sequential {
  const block = (from: number, to: number) =>
    new nn.Sequential(new nn.Conv2d(from, to, 3, { bias: false }), new nn.BatchNorm2d(to), new nn.ReLU());
  return new nn.Sequential({ stem: block(3, 4), body: block(4, 6) } as unknown as nn.Module);
}

/** Gives batch norms and biases numbers that differ from channel to channel, as training would. */
export function trained<M extends nn.Module>(model: M): M {
  const values = (name: string, shape: readonly number[]) => {
    const [low, high] = /running_var|\.weight$/.test(name) ? [0.5, 1.5] : [-0.5, 0.5];
    return { shape, data: plain(name, [...shape], low, high).data };
  };
  const state = model.namedState().filter(([, { dtype, shape }]) => dtype === "float32" && shape.length === 1);
  model.loadStateDict(
    StateDict.from(Object.fromEntries(state.map(([name, { shape }]) => [name, values(name, shape)]))),
    { strict: false },
  );
  return model;
}

/**
 * What a network computes in evaluation, of pictures of this many pixels. As for a gradient, layer by layer: an engine that
 * folds batch norm by itself must not be compared with itself.
 */
export async function computed(model: nn.Module, side: number, channels = 3): Promise<Plain> {
  const x = tensor(plain("pictures", [2, side, side, channels], -2, 2));
  const modes = model.modules().map((module) => [module, module.training] as const);
  const [y] = await withGradients([x], () => model.eval().forward(x));
  modes.forEach(([module, training]) => module.training = training);
  x.dispose();
  return y;
}

/** Gives back what networks hold, and what was taken out of them. */
export function releaseAll(model: nn.Module, ...before: nn.Module[]): void {
  for (const module of new Set([model, ...before])) release(module);
}

/** The keys of a network's state dict. */
export function keysOf(model: nn.Module): string[] {
  return model.namedState().map(([name]) => name);
}
