import { assertEquals } from "@std/assert";
import { channelsLast, image, values } from "./values.ts";

/** The first three numbers' bits and the sum of all bits, as the Python generators give them. */
const bits: [name: string, shape: number[], first: number[], sum: number][] = [
  ["layer1.0.conv1.weight", [64, 3, 7, 7], [3171006163, 1035796228, 1013038983], 19854290235112],
  ["bn1.running_var", [64], [1050635351, 1052156935, 1051063980], 67177015913],
  ["bn1.running_mean", [64], [3174757855, 3169404294, 1036270263], 136460293560],
  ["bn1.weight", [64], [1057184443, 1066460830, 1061221130], 68163744174],
  ["fc.bias", [9], [3153995255, 3181831082, 1028504909], 17812978534],
  ["ä.weight", [5, 3], [3196502375, 3212108806, 3213606502], 30967226141],
];

for (const [name, shape, first, sum] of bits) {
  Deno.test(`values: ${name} [${shape.join(", ")}] has the bits that numpy gives`, () => {
    const found = new Uint32Array(values("thaw", name, shape, 1.3, 0.3).buffer);
    assertEquals([...found.slice(0, 3)], first);
    assertEquals(found.reduce((total, one) => total + one, 0), sum);
  });
}

Deno.test("values: a batch of pictures has the bits that numpy gives", () => {
  assertEquals(new Uint32Array(image("thaw", 2, 8).buffer).reduce((total, one) => total + one, 0), 817654742312);
});

Deno.test("values: channels go last", () => {
  assertEquals(channelsLast([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]), [1, 5, 2, 6, 3, 7, 4, 8]);
});
