/**
 * thaw beside PyTorch: `deno task bench --python PYTHON` runs each case on both sides in turns, several times over, and
 * writes the best times and their ratio (PyTorch's time ÷ thaw's, so above 1 thaw is faster) to bench/results. With
 * `--zoo`, the forward pass of eight networks instead.
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
    zoo: { type: "boolean", default: false },
    out: { type: "string" },
  },
});

/** What is compared, and what we aim at. */
const few: Record<string, number> = {
  "resnet18 forward": 0.9,
  "resnet18 step": 0.85,
  "lite0 forward": 0.9,
  "resnet50 load": 1.0,
  "resnet50 first prediction": 1.5,
};
/** With --zoo: one network of each kind, 8 images of 224 × 224. */
const zoo = [
  "resnet50",
  "vgg16",
  "densenet121",
  "mobilenet_v2",
  "efficientnet_b0",
  "convnext_tiny",
  "vit_b_16",
  "swin_t",
];
const aims = values.zoo ? Object.fromEntries(zoo.map((name) => [`zoo ${name}`, 0.9])) : few;
const out = values.out ?? `bench/results/${values.zoo ? "zoo" : "cpu"}.json`;
/** One case: the best times of each round in seconds, and the ratio of the best ones. */
interface Result {
  case: string;
  ratio: number;
  aim: number;
  torch: number[];
  thaw: number[];
}

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
  if (!values.zoo) await torch("make resnet50");
  for (const [name, aim] of Object.entries(aims)) {
    if (values.only && !name.includes(values.only)) continue;
    const times = { torch: [] as number[], thaw: [] as number[] };
    for (let round = 0; round < Number(values.rounds); round++) {
      times.torch.push(await torch(name));
      times.thaw.push(await thaw(name));
    }
    const [theirs, ours] = [Math.min(...times.torch), Math.min(...times.thaw)];
    const ratio = theirs / ours;
    await write({ case: name, ratio: round(ratio), aim, torch: times.torch.map(round), thaw: times.thaw.map(round) });
    console.log(
      `${name}: PyTorch ${theirs.toFixed(3)} s, thaw ${ours.toFixed(3)} s, ratio ${ratio.toFixed(2)} (aim ${aim})`,
    );
  }
  console.log(`Written to ${out}`);
} finally {
  await Deno.remove(checkpoint);
}

/** Puts one case into the file of results; those of other cases, measured on the same machine, stay. */
async function write(result: Result): Promise<void> {
  const machine = { processor: await processor(), cores: navigator.hardwareConcurrency, deno: Deno.version.deno };
  const before = JSON.parse(await Deno.readTextFile(out).catch(() => "{}"));
  const kept = JSON.stringify(before.machine) === JSON.stringify(machine) ? before.results as Result[] : [];
  const found = new Map([...kept, result].map((one) => [one.case, one]));
  const results = Object.keys(aims).flatMap((name) => found.get(name) ?? []);
  await Deno.mkdir(new URL("results", import.meta.url), { recursive: true });
  const text = JSON.stringify({ unit: "seconds, best of each round", machine, results }, null, 2);
  await Deno.writeTextFile(out, text + "\n");
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return info.match(/model name\s*: (.*)/)?.[1] ?? Deno.build.arch;
}
