/** Nobody calls dispose in a notebook: networks that a cell made before are given back when it is run again. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { plainText } from "../tools/notebook/notebook.ts";
import { runNotebook } from "../tools/notebook/run.ts";
import { PROJECT } from "../tools/setup/paths.ts";
import { writeNotebook } from "./tools/notebook/fixture.ts";

Deno.test("a cell that makes a resnet18, run 50 times, does not grow the process", async () => {
  const folder = join(PROJECT, "out", "test", "memory"); // below the project, where the kernel finds deno.json
  await Deno.mkdir(folder, { recursive: true });
  const cell = `const model = models.resnet18();
const logits = model.forward(tf.zeros([2, 64, 64, 3]));
console.log("megabytes", Math.round(Deno.memoryUsage().rss / 1e6));`;
  const cells = [
    `import { models } from "thaw"; import * as tf from "@tensorflow/tfjs";`,
    ...Array.from({ length: 50 }, () => cell),
  ];
  const run = await runNotebook(await writeNotebook(folder, cells), { out: join(folder, "out.ipynb") });
  assertEquals(run.error, undefined);
  const used = run.cells.slice(1).map((cell) => Number(plainText(cell).match(/megabytes (\d+)/)![1]));
  // A resnet18 is 47 MB: unless they were given back, the last 35 of them would take 1,600 MB.
  const grown = Math.max(...used.slice(40)) - Math.max(...used.slice(0, 15));
  assert(grown < 200, `expected no growth, found ${grown} MB: ${used.join(", ")}`);
});
