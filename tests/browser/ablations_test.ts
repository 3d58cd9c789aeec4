/** The notebooks on dropout and batch norm in JupyterLab in a real browser: what is seen under each cell. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { codeCells, readNotebook } from "../../tools/notebook/notebook.ts";
import { copyNotebook, type Expected, inLab, OUT, runAll, wrongCells } from "./in_lab.ts";
import { openNotebook } from "./lab.ts";
import { look, screenshots } from "./seen.ts";

const DROPOUT: Expected = [
  [/^import .*"thaw"/, /^emoji: \d+ \+ \d+ samples\n/, 0],
  [/^const network = /, /Sequential\n[^]*dropout1[^]*parameters, all trainable$/, 0],
  [/^const picture = [^]*droppedUnits/, /^What dropout drops at dropout1\n[^]*pass 3/, 4],
  [/^const options = [^]*studyDropout/, /^With 100 training pictures, p=[^]*Rates of dropout/, 2],
  [/^const sizes = [^]*studyDropout/, /^With 60 training pictures, p=[^]*\nWith 180 training pictures, p=[^]*Rates/, 4],
  [/^study\.rows\.map/, /p=0, 60 pictures: a gap of -?[\d.]+ points/, 0],
  [/monteCarloDropout/, /^10 passes over 120 images [^]*Least certain[^]*Most certain/, 13],
  [/^const sure = /, /^\d+ answers to 120 pictures, \d+ of them right$/, 0],
  [/^const pretrained = /, /^Dropout 0\.3 set in EfficientNetLite\n[^]*features\.3/, 0],
  [/^await droppedUnits/, /^What dropout drops at features\.3\.0\n/, 4],
];

const BATCH_NORM: Expected = [
  [/^import .*"thaw"/, /^emoji: \d+ \+ \d+ samples\n/, 0],
  [/^const block = /, /0Sequential\n[^]*5Linear[^]*parameters, all trainable$/, 0],
  [/^const transforms = [^]*studyBatchNorm/, /with(out)? batch norm, learning rate 0\.03[^]*Settings/, 5],
  [/^const sizes = [^]*studyBatchNorm/, /with(out)? batch norm, batches of 2[^]*Settings/, 4],
  [/batchStatistics\(normalized/, /^Batch norms\n[^]*most off: /, 1],
  [/^const pretrained = [^]*studyBatchNorm/, /^(frozen|moving) statistics: [^]*Settings[^]*frozen statistics/, 5],
  [/toCSV\(\)/, /^frozen statistics: [^]*\nnorm,until,[^]*\nmoving,classifier,/, 0],
  [/foldBatchNorm\(/, /^Batch norm folded in Sequential\n/, 0],
  [/^const after = /, /^loss ([\d.]+) before, \1 after; batch norms left: 0$/, 0],
];

for (const [number, about, expected] of [["07", "dropout", DROPOUT], ["08", "batch norm", BATCH_NORM]] as const) {
  inLab(`Run All of notebook ${number}, on ${about}: each cell's display is under it`, true, async (browser, lab) => {
    const name = await copyNotebook(number, `${number}.ipynb`);
    const page = await openNotebook(browser, lab, name);
    await runAll(page);
    const cells = await look(page);
    assertEquals(cells.length, codeCells(await readNotebook(join(OUT, name))).length);
    assertEquals(wrongCells(cells, expected), []);
    await screenshots(page, join(OUT, number));
  });
}
