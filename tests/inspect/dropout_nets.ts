/** What the tests of looks at dropout share: networks, a picture, and what tells whether a network is as it was. */
import * as tf from "@tensorflow/tfjs";
import { type data, manualSeed, nn } from "thaw";
import { RandomGenerator } from "../../lib/engine/random.ts";
import { release } from "../tensors.ts";

/** How a picture of any size becomes 8×8 numbers. */
export const transforms: data.Transforms = {
  resize: [8, 8],
  interpolation: "bilinear",
  mean: [0.5, 0.5, 0.5],
  std: [0.3, 0.3, 0.3],
};

/** Noise. */
export function picture(seed: number): data.Picture {
  const random = new RandomGenerator(seed);
  return { width: 8, height: 8, data: Uint8Array.from({ length: 192 }, () => random.bits() & 255) };
}

/** A convolution with batch norm, then two layers with dropout between them. */
export function convNet(drop: nn.Module = new nn.Dropout(0.5)): nn.Sequential {
  manualSeed(1);
  const model = new nn.Sequential({
    conv: new nn.Conv2d(3, 6, 3, { padding: 1 }),
    norm: new nn.BatchNorm2d(6),
    relu: new nn.ReLU(),
    ...(drop instanceof nn.Dropout2d ? { drop } : {}),
    pool: new nn.AdaptiveAvgPool2d(2),
    flatten: new nn.Flatten(),
    hidden: new nn.Linear(24, 40),
    active: new nn.ReLU(),
    ...(drop instanceof nn.Dropout2d ? {} : { drop }),
    head: new nn.Linear(40, 3),
  });
  model.transforms = transforms;
  tf.tidy(() => void model.eval().forward(tf.zeros([1, 8, 8, 3]))); // its weights are drawn at first use
  return model.train();
}

/** Everything that a look must leave as it was. */
export async function stateOf(model: nn.Module): Promise<string> {
  const modes = model.namedModules().map(([path, { training, frozen }]) => [path, training, frozen]);
  const state = model.stateDict();
  const values: string[] = [];
  for (const [name, entry] of state) values.push([name, ...(await entry.data() as Float32Array)].join());
  release(state);
  return JSON.stringify([modes, values]);
}
