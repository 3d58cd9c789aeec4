import type { RandomGenerator } from "../engine/random.ts";

/**
 * Fills a parameter's first values: gets torch's shape and a generator of the parameter's own, gives the values in torch's
 * order.
 */
export type Initializer = (shape: readonly number[], random: RandomGenerator) => Float32Array;

/** The same value everywhere: torch.nn.init.constant_. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(count(shape)).fill(value);
}

/** Between two bounds, all equally likely: torch.nn.init.uniform_. */
export function uniform(low: number, high: number): Initializer {
  return (shape, random) => {
    const values = new Float32Array(count(shape));
    for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * random.uniform();
    return values;
  };
}

/** Normally distributed: torch.nn.init.normal_ (two at a time by Box & Muller's method, 1958). */
export function normal(mean = 0, deviation = 1): Initializer {
  return (shape, random) => {
    const values = new Float32Array(count(shape));
    for (let i = 0; i < values.length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.uniform()));
      const angle = 2 * Math.PI * random.uniform();
      values[i] = mean + radius * Math.cos(angle);
      values[i + 1] = mean + radius * Math.sin(angle); // beyond the end of an odd length, where it is ignored
    }
    return values;
  };
}

/**
 * Normally distributed, but never beyond the bounds: torch.nn.init.trunc_normal_. The bounds are values, not deviations, as
 * torch's are.
 */
export function truncatedNormal(deviation = 1, { mean = 0, low = -2, high = 2 } = {}): Initializer {
  return (shape, random) => {
    const values = normal(mean, deviation)(shape, random);
    for (let i = 0; i < values.length; i++) {
      while (values[i] < low || values[i] > high) values[i] = normal(mean, deviation)([1], random)[0];
    }
    return values;
  };
}

/** torch.nn.init.xavier_uniform_ (Glorot & Bengio 2010): keeps variances about the same in both directions. */
export function xavierUniform(gain = 1): Initializer {
  return (shape, random) => {
    const bound = gain * Math.sqrt(6 / (fanIn(shape) + fanOut(shape)));
    return uniform(-bound, bound)(shape, random);
  };
}

/**
 * torch.nn.init.kaiming_uniform_ (He et al. 2015): keeps the variance of what flows forward.
 *
 * @param a slope of the leaky relu that follows; torch's layers pass √5, which gives bounds of 1 / √fan_in
 */
export function kaimingUniform(a = 0): Initializer {
  return (shape, random) => {
    const bound = Math.sqrt(6 / ((1 + a * a) * fanIn(shape)));
    return uniform(-bound, bound)(shape, random);
  };
}

/** torch.nn.init.kaiming_normal_ for relu; `fan_out` keeps the variance of what flows backward (torchvision's resnets). */
export function kaimingNormal(mode: "fan_in" | "fan_out" = "fan_in"): Initializer {
  return (shape, random) => {
    const fan = mode === "fan_in" ? fanIn(shape) : fanOut(shape);
    return normal(0, Math.sqrt(2 / fan))(shape, random);
  };
}

/** The number of inputs that one output sums over, by torch's rule: everything but the first dimension. */
export function fanIn(shape: readonly number[]): number {
  return count(shape.slice(1));
}

/** The number of outputs that one input goes into: the first dimension times the size of the window. */
export function fanOut(shape: readonly number[]): number {
  return shape[0] * count(shape.slice(2));
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
