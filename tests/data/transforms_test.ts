import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { preprocess } from "../../lib/data/transforms.ts";
import type { Transforms } from "../../lib/data/types.ts";
import { picture, plain, test } from "./support.ts";

interface Case {
  file: string;
  transforms: Transforms;
  shape: number[];
  float32: string;
}

const fixtures = new URL("fixtures/", import.meta.url);
const cases: Case[] = JSON.parse(await Deno.readTextFile(new URL("preprocess.json", fixtures)));

for (const { file, transforms, shape, float32 } of cases) {
  const { resize, crop, interpolation } = transforms;
  test(`preprocess equals torchvision: ${file}, resize ${resize}, crop ${crop}, ${interpolation}`, async () => {
    const input = await preprocess([new URL(file, fixtures).href], transforms);
    const expected = new Float32Array(Uint8Array.from(atob(float32), (letter) => letter.charCodeAt(0)).buffer);
    assertEquals(input.shape, [1, ...shape]);
    const found = await input.data();
    input.dispose();
    // a PNG's bytes are equal in both; JPEG decoders may differ by one
    const tolerance = file.endsWith(".png") ? 1e-6 : 1.01 / 255 / 0.224;
    found.forEach((value, i) => assertAlmostEquals(value, expected[i], tolerance, `at ${i}`));
  });
}

test("images are stacked in their order", async () => {
  const colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [51, 102, 153]];
  const input = await preprocess(colors.map((color, i) => picture(3 + i, 9 - i, color)), plain);
  assertEquals(input.shape, [4, 4, 4, 3]);
  const values = await input.array();
  input.dispose();
  colors.forEach((color, i) => {
    for (let c = 0; c < 3; c++) assertAlmostEquals(values[i][3][2][c], color[c] / 255, 1e-7);
  });
});

test("the shorter side is resized, the longer one keeps the aspect", async () => {
  for (const [width, height, expected] of [[100, 75, [12, 16]], [75, 100, [16, 12]], [62, 45, [12, 16]]] as const) {
    const input = await preprocess([picture(width, height)], { ...plain, resize: 12 });
    assertEquals(input.shape, [1, ...expected, 3]);
    input.dispose();
  }
});

test("images that come out in different sizes are refused", async () => {
  await assertRejects(
    () => preprocess([picture(8, 8), picture(8, 8), picture(10, 5)], { ...plain, resize: 4 }),
    TypeError,
    "Cannot make one tensor of the images: expected 4×4 pixels as of the first, found 8×4 at position 2; " +
      "give the transforms a crop, or resize: [height, width]",
  );
});

test("transforms that make no sense are refused", async () => {
  const refuses = (transforms: Record<string, unknown>, message: string) =>
    assertRejects(
      () => preprocess([picture(2, 2)], { ...plain, ...transforms } as Transforms),
      RangeError,
      `Cannot use these transforms: expected ${message}`,
    );
  await refuses({ resize: 0 }, "resize to be a number of pixels or [height, width], found 0");
  await refuses({ resize: [1, 2, 3] }, "resize to be a number of pixels or [height, width], found [1,2,3]");
  await refuses({ resize: undefined }, "resize to be a number of pixels or [height, width], found undefined");
  await refuses({ crop: 2.5 }, "crop to be a number of pixels, found 2.5");
  await refuses(
    { interpolation: "area" },
    'interpolation to be "nearest", "bilinear", "bicubic" or "lanczos", found "area"',
  );
  await refuses({ mean: [0.5] }, "mean to be three numbers (red, green, blue), found [0.5]");
  await refuses({ std: [1, 0, 1] }, "std to be three numbers above 0 (red, green, blue), found [1,0,1]");
  await assertRejects(
    () => preprocess([], plain),
    RangeError,
    "Cannot preprocess images: expected at least one, found none",
  );
});
