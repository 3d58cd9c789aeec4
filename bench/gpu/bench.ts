/**
 * `deno task bench-gpu`: thaw on an NVIDIA card, beside PyTorch, WebGPU and the processor; README.md says what is measured,
 * and how.
 *
 *     --device cpu        a rehearsal without a card, as small as it may be
 *     --python PYTHON     a Python with torch, torchvision and efficientnet_lite_pytorch; python3 unless given
 *     --only TEXT,TEXT    the cases in whose name one of these is; --list prints the names
 *     --minutes N         stops when they are over; started again it goes on
 *     --limit SECONDS     how long one case may take; 300
 *     --rounds N          how often each side has its turn; 5
 *     --again             measures also what the file has already
 *     --out FILE          bench/results/gpu.json
 *
 * `--pack 60MB --to FOLDER` packs all that it needs for a machine without a network; see pack/pack.ts.
 */
import { casesOf, FULL, REHEARSAL } from "./cases.ts";
import { findField, measure } from "./measure.ts";
import { parseOptions } from "./options.ts";
import { packFromArguments } from "./pack/pack.ts";
import { Results } from "./results.ts";

const LEAST = 20; // seconds for a case to be worth a start

if (Deno.args.some((arg) => /^--pack(=|$)/.test(arg))) {
  await packFromArguments(Deno.args);
  Deno.exit();
}
const started = performance.now();
const options = parseOptions(Deno.args);
const all = casesOf(options.device === "gpu" ? FULL : REHEARSAL);
const order = all.map(({ name }) => name);
const wanted = all.filter(({ name }) => !options.only.length || options.only.some((text) => name.includes(text)));
if (options.list) {
  wanted.forEach(({ name }) => console.log(name));
  Deno.exit();
}
const over = () => options.minutes * 60 - (performance.now() - started) / 1000;

const field = await findField(options).catch((error: Error) => {
  console.error(error.message);
  Deno.exit(1);
});
const { machine } = field;
const { card, device, version } = machine.engine;
console.log(`${card?.name ?? device}, ${version}; PyTorch: ${JSON.stringify(machine.torch)}`);
const results = await Results.open(options.out, machine);
const unmeasured: string[] = [];
let failed = 0;
for (const asked of wanted) {
  if (!options.again && results.has(asked.name)) continue;
  if (over() < LEAST) {
    unmeasured.push(asked.name);
    continue;
  }
  const until = performance.now() + 1000 * Math.min(options.limit, over());
  const left = () => Math.max(0.001, (until - performance.now()) / 1000);
  try {
    const { row, line } = await measure(asked, field, options, left);
    if (row.problem !== undefined) failed++;
    console.log(line);
    await results.put(row, order);
  } catch (error) {
    const problem = (error as Error).message;
    failed++;
    console.log(`${asked.name}: FAILED: ${problem}`);
    await results.put({ case: asked.name, problem }, order);
  }
}
console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes; written to ${options.out}`);
if (unmeasured.length > 0) {
  console.log(`The time was over before ${unmeasured.join("; ")}. Started again, it goes on there.`);
}
Deno.exit(failed > 0 ? 1 : 0);
