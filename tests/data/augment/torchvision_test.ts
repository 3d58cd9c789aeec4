/** What each change makes of a picture, against torchvision on a PIL image: tests/data/fixtures/make_augment.py. */
import { assertEquals } from "@std/assert";
import { affine, type Filling, rotate } from "../../../lib/data/augment/affine.ts";
import { brightness, contrast, saturation, sharpness } from "../../../lib/data/augment/color.ts";
import { mirror } from "../../../lib/data/augment/flip.ts";
import { hue } from "../../../lib/data/augment/hue.ts";
import { crop, middleBox } from "../../../lib/data/augment/resized_crop.ts";
import { operations } from "../../../lib/data/augment/trivial_augment.ts";
import { type Box, resample } from "../../../lib/data/resample.ts";
import type { Picture } from "../../../lib/data/types.ts";
import { test } from "../support.ts";

interface Packed {
  width: number;
  height: number;
  data: string;
}

const file = new URL("../fixtures/augment.json", import.meta.url);
const golden: {
  picture: Packed;
  cases: (Packed & { op: string; args: never[] })[];
  space: Record<string, { magnitudes: number[]; signed: boolean }>;
  boxes: { width: number; height: number; box: Box }[];
} = JSON.parse(Deno.readTextFileSync(file));

const unpack = ({ width, height, data }: Packed): Picture => ({ width, height, data: Uint8Array.fromBase64(data) });
const source = unpack(golden.picture);
const fill = [9, 80, 200];

const functions: Record<string, (...args: never[]) => Picture> = {
  brightness: (factor: number) => brightness(source, factor),
  contrast: (factor: number) => contrast(source, factor),
  saturation: (factor: number) => saturation(source, factor),
  sharpness: (factor: number) => sharpness(source, factor),
  hue: (turn: number) => hue(source, turn),
  rotate: (degrees: number, filling: Filling) => rotate(source, degrees, filling),
  resizedCrop: (box: Box, [height, width]: number[]) => resample(crop(source, box), width, height, "bilinear"),
  flip: () => mirror(source),
};

for (const op of new Set(golden.cases.map(({ op }) => op))) {
  test(`${op} gives torchvision's bytes`, () => {
    for (const each of golden.cases.filter((each) => each.op === op)) {
      const known = operations.find(({ name }) => name === op);
      const [magnitude, interpolation = "nearest"] = each.args as unknown as [number, Filling["interpolation"]?];
      const found = known ? known.apply(source, magnitude, { interpolation, fill }) : functions[op](...each.args);
      assertEquals(found, unpack(each), `${op} ${JSON.stringify(each.args)}`);
    }
  });
}

test("TrivialAugment has torchvision's operations in its order, with its magnitudes", () => {
  const found = operations.map(({ name, magnitudes, signed }) => [name, { magnitudes, signed }]);
  assertEquals(found, Object.entries(golden.space));
});

test("where no crop fits, it is torchvision's in the middle", () => {
  for (const { width, height, box } of golden.boxes) assertEquals(middleBox(width, height, [3 / 4, 4 / 3]), box);
});

test("what lies outside is filled, and a picture that is only moved keeps its pixels", () => {
  const row: Picture = { width: 3, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3) };
  const moved = affine(row, [1, 0, 1, 0, 1, 0], { interpolation: "nearest", fill: [7, 8, 9] });
  assertEquals([...moved.data], [2, 2, 2, 3, 3, 3, 7, 8, 9]);
});
