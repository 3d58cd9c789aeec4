/**
 * `deno task fuzz [--count 2000] [--seed 1] [--from 0] [--only TEXT] [--file N] [--out figures.json]`: makes bad files of good ones,
 * opens each in a process with little memory, and says what became of them: README.md beside this file.
 *
 * The same seed and number always make the same file. `--only` keeps the mutations whose format and name have that text;
 * `--file N` writes file N to the working folder and says what becomes of it here, with where; `--out` keeps the figures, and adds
 * to those that are there where they end at `--from`.
 *
 * The last line is `N passed, N failed`: a file passes that is refused in a clear sentence or loads.
 */
import { count, type Figures, tableOf, total } from "./figures.ts";
import { fileMaker, kinds } from "./files.ts";
import { outcomeOf } from "./outcome.ts";
import { LimitedProcess } from "./process.ts";

interface Run {
  seed: number;
  files: number;
  versions: Record<string, string>;
  total?: ReturnType<typeof total>;
  figures: Figures[];
}

function option(name: string, otherwise: number): number {
  const text = textOption(name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`Cannot fuzz: expected --${name} to be a whole number, found ${text}`);
}

function textOption(name: string): string | undefined {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? undefined : Deno.args[at + 1];
}

/** Opens one file here, where a debugger can look. */
async function openHere(seed: number, file: number): Promise<void> {
  const { format, mutation, seed: from, bytes } = (await fileMaker(seed))(file);
  const path = `fuzz-${seed}-${file}.${format === "safetensors" ? "safetensors" : "pth"}`;
  await Deno.writeFile(path, bytes);
  console.log(`${path}: ${bytes.length} bytes, ${format}, ${mutation}, of ${from}`);
  const started = performance.now();
  const { kind, said } = await outcomeOf(bytes);
  console.log(`${kind} in ${Math.round(performance.now() - started)} ms: ${said}`);
}

async function readRun(path: string | undefined, seed: number, from: number): Promise<Run> {
  const versions = { deno: Deno.version.deno, v8: Deno.version.v8, os: Deno.build.target };
  if (!path || from === 0) return { seed, files: 0, versions, figures: [] };
  const before: Run = JSON.parse(await Deno.readTextFile(path));
  if (before.seed === seed && before.files === from) return before;
  throw new RangeError(
    `Cannot fuzz: ${path} has ${before.files} files of seed ${before.seed}; go on with --seed and --from as there`,
  );
}

if (import.meta.main) {
  const seed = option("seed", 1), from = option("from", 0), howMany = option("count", 2000);
  const file = textOption("file") === undefined ? -1 : option("file", 0);
  if (file >= 0) {
    await openHere(seed, file);
    Deno.exit();
  }
  const only = textOption("only") ?? "", out = textOption("out");
  const run = await readRun(out, seed, from);
  const limited = new LimitedProcess(seed);
  let failed = 0, passed = 0;
  for (let file = from; passed + failed < howMany; file++) {
    const { format, mutation } = kinds[file % kinds.length];
    if (!`${format} ${mutation.name}`.includes(only)) continue;
    const result = await limited.open(file);
    count(run.figures, { ...result, format, mutation: mutation.name });
    run.files = file + 1;
    if (result.kind === "loaded" || result.kind === "refused") passed++;
    else {
      failed++;
      console.log(`--seed ${seed} --file ${file}: ${result.kind} (${format}, ${mutation.name}): ${result.said}`);
    }
  }
  await limited.close();
  run.total = total(run.figures);
  if (out) await Deno.writeTextFile(out, JSON.stringify(run, null, 1) + "\n");
  console.log(tableOf(run.figures));
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exit(1);
}
