import type { RandomGenerator } from "../../engine/random.ts";
import type { Picture } from "../types.ts";
import { type Augmentation, expectOption, isRange, named } from "./augmentation.ts";
import { brightness, contrast, saturation } from "./color.ts";
import { below, between } from "./draw.ts";
import { hue } from "./hue.ts";

/** Options of {@linkcode colorJitter}: 0.2 stands for [0.8, 1.2], for hue for [-0.2, 0.2]. */
export interface ColorJitterOptions {
  /** How far the brightness goes from 1, or [smallest, largest]; not at all. */
  brightness?: number | readonly [number, number];
  /** How far the contrast goes from 1, or [smallest, largest]; not at all. */
  contrast?: number | readonly [number, number];
  /** How far the saturation goes from 1, or [smallest, largest]; not at all. */
  saturation?: number | readonly [number, number];
  /** How far the hue is turned, in shares of the circle up to 0.5, or [smallest, largest]; not at all. */
  hue?: number | readonly [number, number];
}

const changes = { brightness, contrast, saturation, hue };

/**
 * Changes colours: brightness, contrast, saturation and hue by random factors and in random order, as torchvision's
 * `ColorJitter`.
 *
 * @throws {RangeError} where an option is no range
 *
 * @example
 * ```ts
 * import { colorJitter, data } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const grey: data.Picture = { width: 1, height: 1, data: Uint8Array.of(100, 100, 100) };
 * const [darker] = data.augmented(grey, colorJitter({ brightness: [0.5, 0.5] }));
 * assertEquals([...darker.data], [50, 50, 50]);
 * ```
 */
export function colorJitter(options: ColorJitterOptions): Augmentation {
  const ranges = (Object.keys(changes) as (keyof typeof changes)[]).flatMap((name) => {
    const [low, high] = rangeOf(name, options[name]);
    const nothing = name === "hue" ? 0 : 1;
    return low === nothing && high === nothing ? [] : [{ change: changes[name], low, high }];
  });
  return named("colorJitter", options, (picture, random) =>
    shuffled(ranges, random).reduce<Picture>(
      (changed, { change, low, high }) => change(changed, between(random, low, high)),
      picture,
    ));
}

function rangeOf(name: keyof typeof changes, given: number | readonly [number, number] = 0): readonly [number, number] {
  const centre = name === "hue" ? 0 : 1;
  const range = typeof given === "number" ? [Math.max(centre - given, centre - 1), centre + given] as const : given;
  const [least, most] = name === "hue" ? [-0.5, 0.5] : [0, Infinity];
  const holds = (typeof given !== "number" || given >= 0) && isRange(range, least, most);
  const expected = name === "hue"
    ? "a number from 0 to 0.5 or [smallest, largest] from -0.5 to 0.5"
    : "a number from 0 up or [smallest, largest]";
  expectOption("colorJitter", holds, `${name} to be ${expected}`, given);
  return range;
}

function shuffled<T>(items: readonly T[], random: RandomGenerator): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
