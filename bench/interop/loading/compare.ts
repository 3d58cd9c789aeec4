/**
 * Time and memory from a checkpoint to a network with its weights, and from a network to its checkpoint, beside PyTorch.
 *
 *     deno run -A bench/interop/loading/compare.ts --python PYTHON [--rounds 3] [--work out/loading]
 *
 * What is counted is said in README.md. The files, of random weights, are made once and stay in the work folder.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exists, run } from "../../splits/step.ts";
import type { Measured } from "./memory.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "3" },
    work: { type: "string", default: "out/loading" },
    out: { type: "string", default: "bench/results/loading.json" },
  },
});
const here = "bench/interop/loading";
const saved = join(values.work, "saved.pth");
const thaw = [Deno.execPath(), "run", "-A", `${here}/thaw_loading.ts`];
const torch = [values.python, `${here}/torch_loading.py`];

/** What stands beside what: the first of each is thaw's. */
const sides: Record<string, Record<string, string[]>> = {
  load: {
    thaw: [...thaw, "load"],
    "torch.load": [...torch, "load"],
    "torch.load, mmap": [...torch, "load mmap"],
    "torch.load, mmap, on meta, assign": [...torch, "load assign"],
  },
  save: { thaw: [...thaw, "save"], "torch.save": [...torch, "save"] },
};

async function measure(command: string[], network: string, file: string): Promise<Measured> {
  const [program, ...args] = [...command, network, file, saved];
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot run ${program} ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

await Deno.mkdir(values.work, { recursive: true });
const results = [];
for (const network of ["resnet50", "vgg16"]) {
  const file = join(values.work, `${network}.pth`);
  if (!await exists(file)) await run(torch[0], [torch[1], "make", network, file]);
  const fileBytes = (await Deno.stat(file)).size;
  for (const [what, programs] of Object.entries(sides)) {
    const rounds: Record<string, Measured[]> = {};
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, command] of Object.entries(programs)) {
        (rounds[name] ??= []).push(await measure(command, network, file));
      }
    }
    const rows = Object.entries(rounds).map(([name, measured]) => ({
      name,
      seconds: round4(Math.min(...measured.map(({ seconds }) => seconds))),
      peakBytes: median(measured.map(({ peakBytes }) => peakBytes)),
      allSeconds: measured.map(({ seconds }) => round4(seconds)),
      allPeakBytes: measured.map(({ peakBytes }) => peakBytes),
    }));
    results.push({ network, fileBytes, what, rows });
    const [ours] = rows;
    for (const { name, seconds, peakBytes } of rows) {
      const times = name === "thaw" ? "" : `, ${(seconds / ours.seconds).toFixed(2)} × thaw's time`;
      console.log(
        `${network} ${what}, ${name}: ${seconds.toFixed(3)} s${times}, peak ${Math.round(peakBytes / 1e6)} MB, ` +
          `${(peakBytes / fileBytes).toFixed(2)} × the file`,
      );
    }
  }
}
const info = await Deno.readTextFile("/proc/cpuinfo");
const machine = {
  processor: info.match(/model name\s*: (.*)/)?.[1],
  cores: navigator.hardwareConcurrency,
  deno: Deno.version.deno,
};
const unit = "seconds, the best of the rounds; bytes, their median; peak: VmHWM less VmRSS before";
await Deno.writeTextFile(values.out, JSON.stringify({ unit, machine, results }, null, 2) + "\n");
console.log(`Written to ${values.out}`);

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function round4(value: number): number {
  return Number(value.toPrecision(4));
}
