import { join, relative, resolve } from "node:path";
import { PROJECT } from "../setup/paths.ts";

/** The cells of a first notebook: words, then code, by turns. */
const CELLS = [
  `# A first look

Run the cells one by one with Shift-Enter.`,
  `import { data, engine, fit, freeze, models, nn } from "thaw";

engine();`,
  `A network, with weights from ImageNet if you give it \`{ weights: "DEFAULT" }\`. As a cell's last value it shows itself.`,
  `const model = models.efficientnet_lite0();
model.classifier[1] = new nn.Linear(1280, 2);
freeze(model, { until: "classifier" });`,
  `Put pictures into a folder with one folder for each class, and the rest is three lines:

\`\`\`ts
const pictures = (await data.imageFolder("pictures")).split({ validation: 0.2, seed: 1 });
const run = await fit(model, pictures, { epochs: 5 });
await model.predict("pictures/one/1.jpg");
\`\`\``,
];

/**
 * Makes a folder whose scripts and notebooks find thaw in a clone.
 *
 * @param folder is made; it may be there if it is empty
 * @throws Error where it has something in it, which is left as it is
 */
export async function makeProject(folder: string, clone: string = PROJECT): Promise<void> {
  const there = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) return ["a file of that name"];
    throw error;
  });
  if (there.length > 0) {
    throw new Error(
      `Cannot make a project: expected ${folder} to be new or empty, found ${there.sort().slice(0, 3).join(", ")}` +
        `${there.length > 3 ? " …" : ""}. Choose another folder.`,
    );
  }
  await Deno.mkdir(folder, { recursive: true });
  await writeJson(join(folder, "deno.json"), await config(folder, clone));
  await writeJson(join(folder, "start.ipynb"), notebook());
}

/** thaw is linked, its own links with it; where JSR cannot be reached nothing of it is needed. */
async function config(folder: string, clone: string): Promise<Record<string, unknown>> {
  const { name, version, allowScripts } = JSON.parse(await Deno.readTextFile(join(clone, "deno.json")));
  const [from, to] = [await Deno.realPath(folder), await Deno.realPath(resolve(clone))]; // links are taken as they are
  const path = relative(from, to).replaceAll("\\", "/");
  return {
    imports: { thaw: `jsr:${name}@^${version}` },
    allowScripts,
    links: [path.startsWith(".") ? path : `./${path}`],
  };
}

function notebook(): Record<string, unknown> {
  return {
    cells: CELLS.map((source, index) => {
      const cell = { id: `start-${index}`, metadata: {}, source };
      return index % 2 === 0 ? { cell_type: "markdown", ...cell } : codeCell(cell);
    }),
    metadata: {
      kernelspec: { name: "thaw", display_name: "Deno (thaw)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

function codeCell(cell: Record<string, unknown>): Record<string, unknown> {
  return { cell_type: "code", ...cell, outputs: [], execution_count: null };
}

async function writeJson(path: string, content: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(content, null, 2) + "\n", { createNew: true });
}
