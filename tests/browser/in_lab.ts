/** What tests of notebooks in JupyterLab share. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { PROJECT } from "../../tools/setup/paths.ts";
import { startBrowser } from "./browser.ts";
import { type Lab, startLab } from "./lab.ts";
import { inPage, type Seen, waitForCells } from "./seen.ts";

/** Where the notebooks that are run lie: below the project, where the kernel finds deno.json. */
export const OUT = join(PROJECT, "out", "browser");

/** What a cell with such code shows: words, and how many pictures at least; where that is 0, none. */
export type Expected = readonly (readonly [code: RegExp, words: RegExp, pictures: number])[];

/** The cells under which something else is seen than there should be. */
export function wrongCells(cells: readonly Seen[], expected: Expected): string[] {
  return cells.flatMap(({ code, text, pictures, figures, broken }, i) => {
    const [, words, least] = expected.find(([pattern]) => pattern.test(code)) ?? [code, /^$/, 0];
    const shown = pictures + figures;
    const good = words.test(text) && broken === 0 && (least === 0 ? shown === 0 : shown >= least);
    return good ? [] : [`cell ${i + 1} (${code.slice(0, 40)}): ${shown} pictures, ${broken} broken, "${text}"`];
  });
}

/** A test with a JupyterLab and a browser of its own. */
export function inLab(name: string, extensions: boolean, test: (browser: Browser, lab: Lab) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false, // the browser's pipes close when they do
    sanitizeResources: false,
    async fn() {
      await Deno.mkdir(OUT, { recursive: true });
      await using lab = await startLab(OUT, { extensions });
      const browser = await startBrowser();
      try {
        await test(browser, lab);
      } finally {
        await browser.close();
      }
    },
  });
}

/** Runs all cells in a fresh kernel, as far as they go. */
export async function runAll(page: Page): Promise<void> {
  await inPage(page, "lab.runAll()");
  await waitForCells(page);
}

/** Copies the notebook of this number under another name, since JupyterLab remembers how it was left. */
export async function copyNotebook(number: string, name: string): Promise<string> {
  const folder = join(PROJECT, "notebooks");
  const names = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  const found = names.find((one) => one.startsWith(`${number}-`) && one.endsWith(".ipynb"))!;
  await Deno.copyFile(join(folder, found), join(OUT, name));
  return name;
}
