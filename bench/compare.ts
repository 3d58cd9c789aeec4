/**
 * thaw beside PyTorch: `deno task bench --python PYTHON` runs each case on both sides in turns, several times over, and
 * writes the best times and their ratio (PyTorch's time ÷ thaw's, so above 1 thaw is faster) to bench/results.
 *
 * PYTHON is a Python that has torch, torchvision and efficientnet_lite_pytorch; see bench/README.md.
 */
import { parseArgs } from "node:util";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "4" },
    only: { type: "string" },
    out: { type: "string", default: "bench/results/cpu.json" },
  },
});

/** What is compared, and what we aim at. */
const aims: Record<string, number> = {
  "resnet18 forward": 0.9,
  "resnet18 step": 0.85,
  "lite0 forward": 0.9,
  "resnet50 load": 1.0,
  "resnet50 first prediction": 1.5,
};
/** Cases in which the whole process counts. */
const whole = new Set(["resnet50 first prediction"]);

async function run(command: string, args: string[], name: string): Promise<number> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const seconds = (performance.now() - start) / 1000;
  if (!success) throw new Error(`Cannot run ${command} ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
  const printed = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
  return whole.has(name) ? seconds : JSON.parse(printed).seconds;
}

const checkpoint = await Deno.makeTempFile({ suffix: ".pth" });
const torch = (name: string) => run(values.python, ["bench/torch_side.py", name, checkpoint], name);
const thaw = (name: string) => run(Deno.execPath(), ["run", "-A", "bench/thaw.ts", name, checkpoint], name);

try {
  await torch("make resnet50");
  const results = [];
  for (const [name, aim] of Object.entries(aims)) {
    if (values.only && !name.includes(values.only)) continue;
    const times = { torch: [] as number[], thaw: [] as number[] };
    for (let round = 0; round < Number(values.rounds); round++) {
      times.torch.push(await torch(name));
      times.thaw.push(await thaw(name));
    }
    const [theirs, ours] = [Math.min(...times.torch), Math.min(...times.thaw)];
    const ratio = theirs / ours;
    results.push({ case: name, ratio: round(ratio), aim, torch: times.torch.map(round), thaw: times.thaw.map(round) });
    console.log(
      `${name}: PyTorch ${theirs.toFixed(3)} s, thaw ${ours.toFixed(3)} s, ratio ${ratio.toFixed(2)} (aim ${aim})`,
    );
  }
  const machine = { processor: await processor(), cores: navigator.hardwareConcurrency, deno: Deno.version.deno };
  await Deno.mkdir(new URL("results", import.meta.url), { recursive: true });
  await Deno.writeTextFile(
    values.out,
    JSON.stringify({ unit: "seconds, best of each round", machine, results }, null, 2) + "\n",
  );
  console.log(`Written to ${values.out}`);
} finally {
  await Deno.remove(checkpoint);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return info.match(/model name\s*: (.*)/)?.[1] ?? Deno.build.arch;
}
