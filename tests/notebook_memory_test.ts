/** Nobody calls dispose in a notebook: networks that a cell made before are given back when it is run again. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { plainText } from "../tools/notebook/notebook.ts";
import { runNotebook } from "../tools/notebook/run.ts";
import { PROJECT } from "../tools/setup/paths.ts";
import { writeNotebook } from "./tools/notebook/fixture.ts";

Deno.test("a cell that makes a resnet18, run 80 times, does not grow the process", async () => {
  const folder = join(PROJECT, "out", "test", "memory"); // below the project, where the kernel finds deno.json
  await Deno.mkdir(folder, { recursive: true });
  const cell = `const model = models.resnet18();
const logits = model.forward(tf.zeros([2, 64, 64, 3]));
console.log("megabytes", Math.round(Deno.memoryUsage().rss / 1e6));`;
  const cells = [
    `import { models } from "thaw"; import * as tf from "@tensorflow/tfjs";`,
    ...Array.from({ length: 80 }, () => cell),
  ];
  const run = await runNotebook(await writeNotebook(folder, cells), { out: join(folder, "out.ipynb") });
  assertEquals(run.error, undefined);
  const used = run.cells.slice(1).map((cell) => Number(plainText(cell).match(/megabytes (\d+)/)![1]));
  // Garbage is collected about every 15 cells, so each of these holds the highest point between two collections. Unless
  // the networks were given back, the 40 cells between them would take 1,900 MB; unless the heap were trimmed, 150 MB.
  const grown = Math.max(...used.slice(60)) - Math.max(...used.slice(20, 40));
  assert(grown < 75, `expected no growth, found ${grown} MB: ${used.join(", ")}`);
});
