import * as tf from "@tensorflow/tfjs";
import { RandomGenerator } from "../engine/random.ts";
import { BatchNorm2d, Conv2d, describeValue, type Module } from "../nn/mod.ts";

/**
 * What a network is run on to see how its parts connect: the side in pixels of a square picture, `[height, width]`, or an
 * input of its own, `[N, H, W, C]`.
 */
export type SampleInput = number | readonly [number, number] | tf.Tensor;

// What most networks are made for that are not made for any size: ours to try, CIFAR's pictures and ImageNet's.
const usual = [64, 32, 224];

/**
 * The shapes of input to try a network on, the likeliest first: as asked for, else as its transforms make them, else the
 * usual ones. A tensor is its own shape.
 *
 * @throws {RangeError} where the size asked for cannot be
 */
export function sampleShapes(action: string, model: Module, input: SampleInput | undefined): number[][] {
  if (input instanceof tf.Tensor) return [input.shape];
  return sizes(action, model, input).map(([height, width]) => [1, height, width, channels(model)]);
}

/**
 * A picture of noise, always the same: normally distributed, as normalized pictures nearly are. Its generator is its own, so
 * that what is drawn afterwards does not depend on it.
 */
export function noise(shape: number[]): tf.Tensor {
  const random = new RandomGenerator(0);
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()), shape);
}

function sizes(action: string, { transforms }: Module, input: unknown): (readonly [number, number])[] {
  if (input !== undefined) return [checked(action, input)];
  const { crop, resize } = transforms ?? {};
  const size = crop ?? resize;
  if (size === undefined) return usual.map((side) => [side, side] as const);
  return [typeof size === "number" ? [size, size] : size];
}

function checked(action: string, input: unknown): readonly [number, number] {
  const size = typeof input === "number" ? [input, input] : input;
  const whole = (side: unknown) => Number.isInteger(side) && (side as number) > 0;
  if (Array.isArray(size) && size.length === 2 && size.every(whole)) return size as [number, number];
  const found = Array.isArray(input) ? JSON.stringify(input) : describeValue(input);
  throw new RangeError(
    `Cannot ${action}: expected input to be a number of pixels, [height, width] or a tensor, found ${found}`,
  );
}

/** How many channels the network's input has, by the first layer that says so. */
function channels(model: Module): number {
  const first = model.modules().find((module) => module instanceof Conv2d || module instanceof BatchNorm2d);
  if (first instanceof Conv2d) return first.inChannels;
  return first instanceof BatchNorm2d ? first.numFeatures : 3;
}
