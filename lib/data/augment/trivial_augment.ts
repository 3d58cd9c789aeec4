import type { Picture } from "../types.ts";
import { affine, type Filling, rotate } from "./affine.ts";
import { type Augmentation, named } from "./augmentation.ts";
import { brightness, contrast, saturation, sharpness } from "./color.ts";
import { below } from "./draw.ts";
import { expectFilling } from "./rotation.ts";
import { autoContrast, equalize, posterize, solarize } from "./tables.ts";

/** One of TrivialAugment's operations. */
export interface Operation {
  /** torchvision's name for it. */
  name: string;
  /** From weak to strong; one that stands for nothing where the operation takes none. */
  magnitudes: readonly number[];
  /** Whether the magnitude's sign is random. */
  signed: boolean;
  apply(picture: Picture, magnitude: number, filling: Filling): Picture;
}

/** How many magnitudes an operation has. */
const bins = 31;

/** TrivialAugment's wide set, in torchvision's order and with its magnitudes. */
export const operations: readonly Operation[] = [
  plain("Identity", (picture) => picture),
  signed("ShearX", 0.99, (picture, m, filling) => affine(picture, [1, m, 0, 0, 1, 0], filling)),
  signed("ShearY", 0.99, (picture, m, filling) => affine(picture, [1, 0, 0, m, 1, 0], filling)),
  signed("TranslateX", 32, (picture, m, filling) => affine(picture, [1, 0, -Math.trunc(m), 0, 1, 0], filling)),
  signed("TranslateY", 32, (picture, m, filling) => affine(picture, [1, 0, 0, 0, 1, -Math.trunc(m)], filling)),
  signed("Rotate", 135, rotate),
  signed("Brightness", 0.99, (picture, m) => brightness(picture, 1 + m)),
  signed("Color", 0.99, (picture, m) => saturation(picture, 1 + m)),
  signed("Contrast", 0.99, (picture, m) => contrast(picture, 1 + m)),
  signed("Sharpness", 0.99, (picture, m) => sharpness(picture, 1 + m)),
  {
    name: "Posterize",
    magnitudes: Array.from({ length: bins }, (_, i) => 8 - Math.round(i / ((bins - 1) / 6))),
    signed: false,
    apply: posterize,
  },
  { name: "Solarize", magnitudes: linspace(255, 0), signed: false, apply: solarize },
  plain("AutoContrast", autoContrast),
  plain("Equalize", equalize),
];

/**
 * One random operation of random strength for each picture: TrivialAugment (Müller & Hutter 2021), the wide set, as
 * torchvision's `TrivialAugmentWide`. It has nothing to tune. What comes in at the sides is black unless `fill` is given.
 *
 * @throws {RangeError} where an option cannot be
 *
 * @example
 * ```ts
 * import { data, trivialAugment } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const picture: data.Picture = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(128) };
 * assertEquals(data.augmented(picture, trivialAugment(), { count: 4 }).length, 4);
 * ```
 */
export function trivialAugment(options: Partial<Filling> = {}): Augmentation {
  const { interpolation = "nearest", fill = [0, 0, 0] } = options;
  expectFilling("trivialAugment", { interpolation, fill });
  return named("trivialAugment", options, (picture, random) => {
    const { magnitudes, signed, apply } = operations[below(random, operations.length)];
    const magnitude = magnitudes[below(random, magnitudes.length)];
    const sign = signed && random.uniform() < 0.5 ? -1 : 1;
    return apply(picture, sign * magnitude, { interpolation, fill });
  });
}

function plain(name: string, apply: (picture: Picture) => Picture): Operation {
  return { name, magnitudes: [0], signed: false, apply };
}

function signed(name: string, most: number, apply: Operation["apply"]): Operation {
  return { name, magnitudes: linspace(0, most), signed: true, apply };
}

/** torch.linspace in single precision: from both ends to the middle. */
function linspace(start: number, end: number): number[] {
  const f = Math.fround;
  const step = f((f(end) - f(start)) / (bins - 1));
  return Array.from({ length: bins }, (_, i) => {
    return i < Math.floor(bins / 2) ? f(start + step * i) : f(f(end) - step * (bins - 1 - i));
  });
}
