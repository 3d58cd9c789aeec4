/** The first notebook in JupyterLab in a real browser: what is seen under each cell, not what was sent. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { codeCells, readNotebook } from "../../tools/notebook/notebook.ts";
import { copyNotebook, type Expected, inLab, OUT, runAll, wrongCells } from "./in_lab.ts";
import { openNotebook, startLab } from "./lab.ts";
import { inPage, look, screenshots, type Seen } from "./seen.ts";

const EXPECTED: Expected = [
  [/^import .*"thaw"/, /^thaw computes on (tensorflow|wasm|cpu)/, 0],
  [/^const model = /, /EfficientNetLite\n[^]*classifier[^]*parameters, all trainable$/, 0],
  [/^model\.stateDict\(\)/, /^name[^]*features[^]*classifier[^]*296 tensors/, 200],
  [/^const emoji = /, /^emoji: \d+ images in 9 classes\n[^]*Travel & Places/, 9],
  [/^(const .*transforms|model\.transforms)/, /%/, 9],
  [/^const split = /, /^emoji: \d+ \+ \d+ samples\n[^]*validation/, 0],
  [/^const head = /, /Sequential\n[^]*Linear/, 0],
  [/^freeze\(.*"classifier"/, /^What trains in EfficientNetLite\n[^]*\(0\.\d+ ?%\)/, 0],
  [/^const before = /, /^$/, 1],
  [/toCSV\(\)/, /^epoch,loss,[^]*\n1,\d/, 0],
  [/^freeze\(.*"features/, /^What trains in EfficientNetLite\n/, 0],
  [/^const second = /, /^$/, 1],
  [/^const after = /, /^unchanged: 198, [^]*\nchanged: 98, /, 0],
  [/^await save\(/, /^All 296 entries loaded$/, 0],
  [/^(const unseen|await again\.predict)/, /%/, 9],
];

const wrong = (cells: Seen[]) => wrongCells(cells, EXPECTED);
const trains = (cells: Seen[]) => cells.flatMap(({ code }, i) => /await fit\(/.test(code) ? [i] : []);

const copy = (name: string) => copyNotebook("01", name);

inLab(
  "Run All with plotly: each cell's display is under it, curves move, a figure answers the pointer",
  true,
  async (browser, lab) => {
    const page = await openNotebook(browser, lab, await copy("plotly.ipynb"));
    await inPage(page, "seen.watchPictures()");
    await runAll(page);
    const cells = await look(page);
    assertEquals(cells.length, codeCells(await readNotebook(join(OUT, "plotly.ipynb"))).length);
    assertEquals(wrong(cells), []);

    const seen = await inPage<number[]>(page, "seen.picturesKept()");
    const last = trains(cells).at(-1)!; // the first training's epochs are shorter than a picture on the screen
    assert(seen[last] >= 3, `expected cell ${last + 1}'s curves to move, found ${seen[last]} pictures of them`);
    await screenshots(page, join(OUT, "light"));

    // plotly's renderer shows the picture until the pointer comes
    const chart = page.locator(".jp-Notebook .jp-CodeCell").nth(last).locator(".jp-RenderedPlotly");
    await chart.locator("img").hover({ force: true }); // the figure comes between the pointer and the picture
    await chart.locator(".main-svg").first().waitFor();
    await chart.screenshot({ path: join(OUT, "light", "figure.png") });
    assertMatch(await chart.innerText(), /training\nvalidation[^]*best validation accuracy/);
    await inPage(page, `jupyterapp.commands.execute("docmanager:save")`);

    // what one has not run oneself, JupyterLab does not trust: it takes all scripts and styles out of it
    await using stranger = await startLab(OUT);
    const other = await openNotebook(browser, stranger, "plotly.ipynb");
    assertEquals(await inPage(other, "lab.trusted()"), false);
    for (const [theme, name] of [["JupyterLab Light", "untrusted-light"], ["JupyterLab Dark", "untrusted-dark"]]) {
      await inPage(other, `jupyterapp.commands.execute("apputils:change-theme", { theme: "${theme}" })`);
      await other.waitForSelector(`body[data-jp-theme-name="${theme}"]`, { state: "attached" });
      await other.waitForTimeout(500);
      await screenshots(other, join(OUT, name));
      assertEquals(wrong(await look(other)), []);
    }
  },
);

inLab("Run All without plotly: the curves are pictures", false, async (browser, lab) => {
  const page = await openNotebook(browser, lab, await copy("without-plotly.ipynb"));
  await runAll(page);
  const cells = await look(page);
  assertEquals(wrong(cells), []);
  for (const i of trains(cells)) assertEquals([cells[i].pictures, cells[i].figures], [1, 0]);
  await screenshots(page, join(OUT, "without-plotly"));
});

inLab("Run All five times: no display lands under another cell", true, async (browser, lab) => {
  const page = await openNotebook(browser, lab, await copy("five-runs.ipynb"));
  const found: string[] = [];
  for (let run = 1; run <= 5; run++) {
    await runAll(page);
    found.push(...wrong(await look(page)).map((line) => `run ${run}, ${line}`));
  }
  assertEquals(found, []);
});
