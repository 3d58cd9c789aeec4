/**
 * The notebooks, run headless in the real kernel through Jupyter's own client, as `deno task tutorial` runs them.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import * as models from "../lib/models/mod.ts";
import { type CodeCell, codeCells, mimeTypes, plainText, readNotebook } from "../tools/notebook/notebook.ts";
import { type NotebookRun, runNotebook } from "../tools/notebook/run.ts";
import { PROJECT } from "../tools/setup/paths.ts";

const FOLDER = join(PROJECT, "notebooks");
const names = (await Array.fromAsync(Deno.readDir(FOLDER), (entry) => entry.name))
  .filter((name) => name.endsWith(".ipynb"))
  .sort();

const runs = new Map<string, Promise<NotebookRun>>();

/** The notebook, run the first time that it is asked for: the first one whole, later ones with fewer images and epochs. */
function runOnce(name: string): Promise<NotebookRun> {
  const env: Record<string, string> = name.startsWith("01-") ? {} : { THAW_FAST: "1" };
  const run = runs.get(name) ?? runNotebook(join(FOLDER, name), { out: join(PROJECT, "out", "test", name), env });
  runs.set(name, run);
  return run;
}

const runOf = (number: string) => runOnce(names.find((name) => name.startsWith(`${number}-`))!);

Deno.test("there is a first notebook", () => {
  assert(names.some((name) => name.startsWith("01-")), `expected a 01-….ipynb in notebooks/, found ${names}`);
});

for (const name of names) {
  Deno.test(`${name} is kept without outputs and asks for the kernel "thaw"`, async () => {
    const notebook = await readNotebook(join(FOLDER, name));
    assertEquals(notebook.metadata.kernelspec?.name, "thaw");
    for (const cell of notebook.cells) {
      assertEquals(cell.outputs ?? [], [], "expected no outputs; clear them before you commit");
      assertEquals(cell.execution_count ?? null, null);
    }
  });

  Deno.test(`${name} runs without errors and shows tables, pictures and curves`, async () => {
    const run = await runOnce(name);
    assertEquals(run.error, undefined);
    assertEquals(run.cells.length, codeCells(await readNotebook(join(FOLDER, name))).length);
    const errors = run.cells.flatMap((cell) => cell.outputs.filter((output) => output.output_type === "error"));
    assertEquals(errors, []);
    const shown = new Set(run.cells.flatMap((cell) => [...mimeTypes(cell)]));
    for (const type of ["text/plain", "text/html", "image/png", "application/vnd.plotly.v1+json"]) {
      assert(shown.has(type), `expected an output of type ${type}, found ${[...shown].join(", ")}`);
    }
  });
}

Deno.test("the first notebook keeps what it promises: a good head, a better network, frozen parts untouched", async () => {
  const { cells } = await runOf("01");
  const text = cells.map(plainText).join("\n");
  const accuracies = [...text.matchAll(/best validation accuracy ([\d.]+) %/g)].map(([, share]) => Number(share));
  const [head, thawed] = [accuracies[0], accuracies.at(-1)!];
  assert(head > 70, `expected the head alone to be right on more than 70 %, found ${head} %`);
  assert(thawed > head, `expected the thawed stages to add to the head's ${head} %, found ${thawed} %`);

  // features.0 to features.5 are frozen throughout: every entry of theirs keeps its bits, every other one changes.
  const state = models.efficientnet_lite0().namedState().map(([name]) => name);
  const frozen = state.filter((name) => /^features\.[0-5]\./.test(name));
  assertStringIncludes(text, `unchanged: ${frozen.length}, from ${frozen[0]} to ${frozen.at(-1)}`);
  const others = state.slice(frozen.length);
  assertStringIncludes(text, `changed: ${others.length}, from ${others[0]} to ${others.at(-1)}`);
  assertStringIncludes(text, `All ${state.length} entries loaded`);
});

/** What each cell with such code put out, as text without colours. */
function texts(cells: readonly CodeCell[], code: RegExp): string[] {
  // deno-lint-ignore no-control-regex
  return cells.filter((cell) => code.test(cell.code)).map((cell) => plainText(cell).replaceAll(/\x1b\[\d+m/g, ""));
}

/** A study's table, read from its text: the splits with their accuracies in percent. */
function splitTable(text: string): { split: string; accuracy: number; line: string }[] {
  const lines = text.matchAll(/^(features\.\d|classifier) .*? ([\d.]+)%.* [kMG]?B$/gm);
  return [...lines].map(([line, split, accuracy]) => ({ split, accuracy: Number(accuracy), line }));
}

/** The split that a study's sentence calls the best, and its accuracy in percent. */
function bestSplit(text: string): [split: string, accuracy: number] {
  const [, split, accuracy] = text.match(/^Train from (\S+)(?: \(AnB\))? on: ([\d.]+) % right/m) ?? [];
  assert(split, `expected a sentence on the best split, found:\n${text}`);
  return [split, Number(accuracy)];
}

Deno.test("the notebook on splits: tables, a sentence that fits them, seeds that are added, splits that are left out", async () => {
  const { cells } = await runOf("04");
  const rate = texts(cells, /^const test = await findLearningRate/)[0].match(/^Learning rate ([\d.e-]+) for/m)?.[1];
  assert(Number(rate) > 1e-4 && Number(rate) < 0.1, `expected a learning rate, found ${rate}`);

  const [once, again, all, starts] = texts(cells, /await studySplits/);
  for (const text of [once, again, all, starts]) {
    assertEquals(bestSplit(text)[1], Math.max(...splitTable(text).map(({ accuracy }) => accuracy)));
  }
  const splits = ["features.7", "features.8", "classifier"];
  for (const text of [once, again]) assertEquals(splitTable(text).map(({ split }) => split), splits);
  assertStringIncludes(once, "; 6 epochs spent");
  assertStringIncludes(again, "2 epochs from 2 seeds; 12 epochs spent");
  assert(splitTable(again).every(({ line }) => line.includes("% ± ")));

  assertEquals(splitTable(all).length, 5);
  const out = [...all.matchAll(/^(\S+): left out after \d epochs? with/gm)].map(([, split]) => split);
  assert(
    out.length > 0 && !out.includes(bestSplit(all)[0]),
    `expected others than the best to be left out, found ${out}`,
  );
  const spent = Number(texts(cells, /epochsSpent/)[0].match(/^(\d+) epochs in place of 20$/m)?.[1]);
  assert(spent < 20, `expected fewer epochs than 20, found ${spent}`);
  assertEquals(splitTable(starts).map(({ line }) => line.match(/pretrained|AnB/)![0]), [
    "pretrained",
    "pretrained",
    "AnB",
    "AnB",
  ]);

  const rates = [...texts(cells, /layerwiseRates\(/)[0].matchAll(/: ([\d.e-]+)/g)].map(([, rate]) => Number(rate));
  assertEquals(rates.length, 3);
  assertEquals(rates.toSorted((a, b) => b - a), rates);
  assertStringIncludes(texts(cells, /await fit\(/)[0], "5 of 5 epochs; best validation accuracy");
});

Deno.test("the notebook on size and similarity: three sizes, advice and a best split for each, and how well they agree", async () => {
  const { cells } = await runOf("05");
  assertStringIncludes(texts(cells, /const take/)[0], '"40 + 60", "80 + 60", "200 + 60"');
  const advised = [
    ...texts(cells, /recommendation\.advice/)[0].matchAll(/^emoji \((\d+)\): .*?(features\.\d|classifier)/gm),
  ];
  assertEquals(advised.map(([, size]) => size), ["40", "80", "200"]);

  const studies = texts(cells, /await studySplits/);
  assertEquals(studies.map((text) => splitTable(text).length), [4, 4, 4]);
  const [table] = texts(cells, /rankCorrelation\(/).slice(-1);
  const lines = [...table.matchAll(/^emoji \((\d+)\) +(\S+) +(\S+) .* ([\d.-]+|NaN) +([\d.-]+|NaN)$/gm)];
  assertEquals(
    lines.map(([, size, stage, best]) => [size, stage, best]),
    advised.map(([, size, stage], i) => [size, stage, bestSplit(studies[i])[0]]),
  );
  for (const [, , , , ...correlations] of lines) {
    assert(correlations.map(Number).every((rho) => Number.isNaN(rho) || Math.abs(rho) <= 1), `found ${correlations}`);
  }
});

Deno.test("the notebook on batch norm: both ways at every setting, what is told fits the tables, drift, and nothing lost by folding", async () => {
  const { cells } = await runOf("08");
  const [rates, sizes, drift] = texts(cells, /await studyBatchNorm/);
  const settings = (text: string) =>
    [...text.matchAll(
      /^((?:with|without) batch norm|(?:frozen|moving) statistics) +(?:([\d.]+) +)?[\d.]+% .* [kMG]?B$/gm,
    )]
      .map(([, norm, value]) => `${norm} ${value}`);
  assertEquals(
    settings(rates),
    [
      "with batch norm 0.03",
      "with batch norm 3",
      "without batch norm 0.03",
      "without batch norm 3",
    ].filter((setting) => !allBroken(rates).includes(setting)),
  );
  assertEquals(settings(sizes).length, 4);
  for (const text of [rates, sizes, drift]) {
    const [, best] = text.match(/^[^:]+: ([\d.]+) % right on the validation pictures/m)!;
    const found = [...text.matchAll(/^\w+ (?:batch norm|statistics) .*? [\d.]+%(?: ± [\d.]+)? +([\d.]+)%/gm)];
    assertEquals(Number(best), Math.max(...found.map(([, accuracy]) => Number(accuracy))));
    for (const title of ["Training loss", "Activations behind batch norm"]) assertStringIncludes(text, title);
  }
  assertStringIncludes(rates, "The largest learning rate that something was learnt with: ");

  const moved = drift.match(/^The means of the 49 frozen batch norms moved by ([\d.]+) standard deviations/m);
  assert(Number(moved?.[1]) > 0, `expected statistics that moved, found:\n${drift}`);
  assertStringIncludes(drift, "with statistics kept (");
  const kept = [...drift.matchAll(/^ +frozen statistics +▄+ +0 → 0$/gm)];
  assertEquals(kept.length, 2, "expected means and variances that stay, to the bit");

  const [expected, brighter] = texts(cells, /await batchStatistics/).map((text) =>
    Number(text.match(/most off: \S+ by ([\d.]+) running/)![1])
  );
  assert(brighter > expected, `expected brighter pictures to be further off, found ${brighter} and ${expected}`);
  const [, before, after] = texts(cells, /before\.loss/)[0].match(
    /loss ([\d.]+) before, ([\d.]+) after; batch norms left: 0/,
  )!;
  assert(Math.abs(Number(before) - Number(after)) < 0.002, `expected the same loss, found ${before} and ${after}`);
});

/** The settings of which no training came to its end, in a table of two ways and one list. */
function allBroken(text: string): string[] {
  const lines = text.matchAll(/^((?:with|without) batch norm) +([\d.]+) +(\d+) of \3 .* [kMG]?B$/gm);
  return [...lines].map(([, norm, value]) => `${norm} ${value}`);
}

/** A dropout study's table, read from its text: numbers of pictures and rates with their validation accuracies in percent. */
function dropoutTable(text: string): { size: string; rate: string; accuracy: number }[] {
  const lines = text.matchAll(/^ *([\d,]+) +p=(\S+) +[\d.]+% ± [\d.]+ +([\d.]+)% ± .* [kMG]?B$/gm);
  return Array.from(lines, ([, size, rate, accuracy]) => ({ size, rate, accuracy: Number(accuracy) }));
}

Deno.test("the notebook on dropout: units that drop, rates by number of pictures, votes, and dropout anywhere", async () => {
  const { cells } = await runOf("07");
  const [units, channels] = texts(cells, /await droppedUnits\(/);
  for (const [text, layer] of [[units, "dropout1 (Dropout, p 0.5)"], [channels, "features.3.0 (Dropout2d, p 0.3)"]]) {
    assertStringIncludes(text, `units enter ${layer}; dropped: `);
  }

  const [some, all] = texts(cells, /await studyDropout\(/);
  assertEquals(dropoutTable(some).map(({ rate }) => rate), ["0", "0.5"]);
  const table = dropoutTable(all);
  assertEquals(table.map(({ size, rate }) => `${size} ${rate}`), [
    "60 0",
    "60 0.5",
    "100 0",
    "100 0.5",
    "180 0",
    "180 0.5",
  ]);
  assertEquals(table.filter(({ size }) => size === "100"), dropoutTable(some)); // the folder had them
  assertStringIncludes(all, "3 epochs from 2 seeds, judged after the last one; 36 epochs spent");
  const said = [
    ...all.matchAll(/^With ([\d,]+) training pictures, p=\S+: ([\d.]+) % right on the validation pictures/gm),
  ];
  assertEquals(
    said.map(([, size, accuracy]) => [size, Number(accuracy)]),
    ["60", "100", "180"].map((size) => [
      size,
      Math.max(...table.filter((row) => row.size === size).map(({ accuracy }) => accuracy)),
    ]),
  );

  assertStringIncludes(texts(cells, /await monteCarloDropout\(/)[0], "10 passes over 120 images of emoji (validation)");
  const [, answers, right] = texts(cells, /^const sure/)[0].match(
    /^(\d+) answers to 120 pictures, (\d+) of them right$/m,
  )!;
  assert(Number(right) <= Number(answers), `found ${right} of ${answers}`);
  assertStringIncludes(texts(cells, /setDropout\(/)[0], "Sequential(Dropout2d(p=0.3), Sequential)");
});

Deno.test("the notebook on state dicts: a snapshot, a report, names that are made to fit, a real file, safetensors", async () => {
  const { cells } = await runOf("02");
  const [text] = texts(cells, /^const network = /);
  for (const name of ["conv.weight", "norm.num_batches_tracked", "fc.bias"]) assertStringIncludes(text, name);
  assertStringIncludes(
    texts(cells, /while computing/)[0],
    "[ 3, 3, 3, 16 ]\n\nin the state dict [ 16, 3, 3, 3 ] float32 432",
  );

  const [changed, back] = texts(cells, /^await before\.diff\(model/);
  assertStringIncludes(changed, "9 differ");
  assertStringIncludes(back, "All 9 entries are equal");
  assertStringIncludes(texts(cells, /cnn\.eval\(\)/)[0], "Cannot call eval() on a LoadReport");

  const [strict, lenient] = texts(cells, /three\.loadStateDict/);
  assertStringIncludes(strict, 'Cannot load "fc.weight": expected [3, 256], found [9, 256]');
  assertStringIncludes(lenient, "7 entries loaded, 2 not");
  const [advice, stripped] = texts(cells, /model\.loadStateDict\(parallel/);
  assertStringIncludes(advice, 'sd.rename({ strip: "module." }) takes it off');
  assertStringIncludes(stripped, "All 9 entries loaded");
  assertStringIncludes(texts(cells, /^const body/)[0], '"bn1.running_mean"');

  assertStringIncludes(texts(cells, /^const report/m)[0], "0 loaded, 247 missing, 296 unexpected");
  assertStringIncludes(texts(cells, /^const translated/m)[0], "All 296 entries loaded");
  assertStringIncludes(texts(cells, /^const pretrained/)[0], "All 296 entries are equal");
  assertStringIncludes(texts(cells, /safetensors/)[0], "All 9 entries are equal");
});

Deno.test("the notebook on changing layers: heads, edits, a refusal, grey pictures, two more convolutions, a part that fits", async () => {
  const { cells } = await runOf("03");
  const [byHand, replaced] = texts(cells, /^const byHand|^replaceHead/);
  for (const text of [byHand, replaced]) {
    assertStringIncludes(text, "Linear(in_features=1280, out_features=9, bias=True)");
  }
  assertStringIncludes(
    texts(cells, /loadReport/)[0],
    "294 entries loaded, 2 left: classifier.1.weight, classifier.1.bias",
  );

  assertStringIncludes(texts(cells, /^const before = structure/m)[0], "204 renamed (features.4.0.");
  assertStringIncludes(texts(cells, /^remove\(/)[0], "18 gone (features.6.2.");
  assertStringIncludes(texts(cells, /^compareStructure/)[0], "1 added, 9 removed, 1 changed, 93 renamed");
  assertStringIncludes(
    texts(cells, /remove\(model, "features\.8"\)/)[0],
    'Cannot remove "features.8": "features.8.0" (Conv2dSame): expected input [N, H, W, 320], found [1, 7, 7, 192]',
  );
  const [, apart] = texts(cells, /^const inOne/)[0].match(/the logits are ([\d.e-]+) apart/)!;
  assert(Number(apart) < 1e-3, `expected a grey picture to be seen as before, found logits ${apart} apart`);

  assertStringIncludes(texts(cells, /^await overlay\(plus/)[0], "294 copied, 2 mismatched, 10 missing");
  const [plan, head, extra, both] = texts(cells, /^const small|^const epochs|^const withExtra|^compare\(/);
  assertStringIncludes(plan, "920,841 of 4,291,849 parameters train");
  assertStringIncludes(head, "EfficientNetLite on emoji: 3 of 3 epochs");
  assertStringIncludes(extra, "What is frozen below extra was computed once");
  for (const name of ["plain", "two more convolutions"]) assertStringIncludes(both, name);

  assertStringIncludes(texts(cells, /partial: "center"/)[0], "295 copied, 1 partly");
  assertStringIncludes(texts(cells, /^const same/)[0], "logits apart by 0");
});

Deno.test("the notebook on files: both ways, another process, a class of one's own, and what is refused", async () => {
  const { cells } = await runOf("06");
  const layers = "Sequential(\n  (conv1): Conv2d(3, 16";
  const [here, there] = texts(cells, /^const whole|^async function elsewhere/m);
  for (const text of [here, there]) assertStringIncludes(text, layers);
  assertStringIncludes(there, '[ "Activities", "Animals & Nature", "Flags" ]');
  for (const text of texts(cells, /\.diff\(sd\)/)) assertStringIncludes(text, "All 6 entries are equal");

  const [own, unknown, registered] = texts(cells, /views\.pkl/);
  assertStringIncludes(own, "(far): Conv2d(3, 8, kernel_size=(7, 7)");
  assertStringIncludes(unknown, 'its class is "__main__.TwoViews" in Python, which has no class here');
  assertStringIncludes(registered, "[ 1, 9 ]");

  const [attack, broken] = texts(cells, /refused\(/);
  assertStringIncludes(attack, 'asks Python to run "os.system"');
  for (const sentence of ["bytes of tensors, found", "expected a header of at most", "this is a web page"]) {
    assertStringIncludes(broken, sentence);
  }
});

/** Cells with this tag need what only TensorFlow can do, such as training a convolution. */
const TENSORFLOW_ONLY = "tensorflow";

for (const name of names.filter((name) => name.startsWith("01-"))) {
  for (const backend of ["wasm", "cpu"]) {
    Deno.test(`${name} runs on ${backend} too, with fewer images, but for its cells tagged "${TENSORFLOW_ONLY}"`, async () => {
      const run = await runNotebook(join(FOLDER, name), {
        out: join(PROJECT, "out", "test", backend, name),
        env: { THAW_ENGINE: backend, THAW_FAST: "1" },
        skipTags: [TENSORFLOW_ONLY],
      });
      assertEquals(run.error, undefined);
      assert(run.cells.length > 0);
    });
  }
}
