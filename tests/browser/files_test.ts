/** The notebooks on state dicts, layers and files in JupyterLab in a real browser: what is seen under each cell. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { codeCells, readNotebook } from "../../tools/notebook/notebook.ts";
import { copyNotebook, type Expected, inLab, OUT, runAll, wrongCells } from "./in_lab.ts";
import { openNotebook } from "./lab.ts";
import { look, screenshots } from "./seen.ts";

const STATE_DICTS: Expected = [
  [/^const network = /, /^name[^]*conv\.weight[^]*9 tensors/, 4],
  [/^const entry = /, /^while computing \[ 3, 3, 3, 16 \][^]*in the state dict/, 0],
  [/^const before = [^]*fit\(/, /^$/, 1],
  [/^await before\.diff/, /^name[^]*9 differ$|^All 9 entries are equal$/, 0],
  [/^model\.loadStateDict/, /^All 9 entries loaded$/, 0],
  [/^const cnn = /, /^Cannot call eval\(\) on a LoadReport: /, 0],
  [/^const three = /, /^Cannot load the state dict into Sequential: [^]*"fc\.bias"/, 0],
  [/^three\.loadStateDict/, /^7 entries loaded, 2 not\n[^]*mismatched/, 0],
  [/^const parallel = /, /sd\.rename\(\{ strip: "module\." \}\) takes it off$/, 0],
  [/^const body = /, /"bn1\.num_batches_tracked"/, 0],
  [/^const path = /, /^name[^]*_conv_stem[^]*tensors/, 10],
  [/^const lite0 = /, /^0 loaded, 247 missing, 296 unexpected$/, 0],
  [/^const ours = /, /^All 296 entries loaded$/, 0],
  [/^const pretrained = /, /^All 296 entries are equal$/, 0],
  [/^const folder = /, /task: "emoji"[^]*All 9 entries are equal$/, 0],
];

const LAYERS: Expected = [
  [/^import /, /^emoji: \d+ \+ \d+ samples\n/, 0],
  [/^const byHand = /, /Sequential\n[^]*Linear[^]*parameters, all trainable$/, 0],
  [/^replaceHead\(/, /Linear[^]*11,529 parameters, all trainable$/, 0],
  [/^const plain = /, /^294 entries loaded, 2 left: /, 0],
  [/^const model = /, /^Module inserted into EfficientNetLite\n[^]*204 renamed/, 0],
  [/^remove\(/, /^Module removed from EfficientNetLite\n/, 0],
  [/^replace\(/, /^Module replaced in EfficientNetLite\n[^]*Linear\(1280, 9\)/, 0],
  [
    /^compareStructure\(/,
    /^EfficientNetLite: 1 added, 9 removed, 1 changed, 93 renamed\n[^]*features\.6[^]*frozen$/,
    0,
  ],
  [/^try /, /^Cannot remove "features\.8": /, 0],
  [/^const grey = /, /^Input of 1 channel for EfficientNetLite\n/, 0],
  [/^const inOne = /, /^input \[9,128,128,1\]: the logits are /, 0],
  [/^await overlay\(plus/, /^State dict laid over Lite0Plus: 294 copied, 2 mismatched, 10 missing\n/, 0],
  [/^const small = /, /^What trains in Lite0Plus\n/, 0],
  [/^const (epochs|withExtra) = /, /^$/, 1],
  [/^compare\(/, /What differed[^]*Lite0Plus/, 1],
  [/^const wide = /, /^State dict laid over EfficientNetLite: 295 copied, 1 partly\n/, 0],
  [/^await filters\(/, /^Filters of features\.0\.0\n/, 32],
  [/^const same = /, /^logits apart by 0$/, 0],
];

const FILES: Expected = [
  [/^const model = /, /Sequential\n[^]*Linear[^]*parameters, all trainable$/, 0],
  [/^const emoji = /, /^$/, 1],
  [/^await save\(model, /, /Sequential\n[^]*Linear[^]*parameters, all trainable$/, 0],
  [/^await whole\.predict/, /%/, 6],
  [/^async function elsewhere/, /^Sequential\([^]*"Flags" \]$/, 0],
  [/^await save\(model\.stateDict\(\)/, /^name[^]*conv1\.weight[^]*6 tensors/, 6],
  [/^const inside = /, /^All 6 entries are equal$/, 0],
  [/^await save\(StateDict/, /^Activities, [^]*All 6 entries are equal$/, 0],
  [/^class TwoViews/, /^TwoViews\(\n[^]*\(far\): Conv2d/, 0],
  [/^console\.log\([^]*registerClass/, /^\[ 1, 9 \]$/, 0],
  [/^console\.log\(/, /^Cannot load "[^"]*views\.pkl": its class is "__main__\.TwoViews"/, 0],
  [/^const program = /, /asks Python to run "os\.system"/, 0],
  [/^const good = /, /bytes of tensors, found[^]*this is a web page/, 0],
];

const notebooks = [["02", "state dicts", STATE_DICTS], ["03", "layers", LAYERS], ["06", "files", FILES]] as const;

for (const [number, about, expected] of notebooks) {
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
