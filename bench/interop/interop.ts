/**
 * Files between thaw and PyTorch, both ways: the state dicts and the whole files of 20 networks.
 *
 *     deno task interop --python PYTHON [--only resnet18,vit_b_32] [--out bench/results/interop.json]
 *
 * PYTHON is a Python that has torch, torchvision and safetensors; see bench/README.md.
 */
import { parseArgs } from "node:util";
import { type Check, checkNetwork } from "./check_network.ts";
import { checkTensors } from "./check_tensors.ts";
import { networks } from "./networks.ts";
import { PythonSide } from "./python_side.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    python: { type: "string", default: "python3" },
    only: { type: "string" },
    out: { type: "string", default: "bench/results/interop.json" },
  },
});
const only = values.only?.split(",");
const python = new PythonSide(values.python, "bench/interop/torch_side.py");
const checks: Check[] = [];
try {
  const versions = await python.ask<Record<string, string>>({ do: "versions" });
  if (!only) await inFolder(async (folder) => tell(await checkTensors(values.python, folder)));
  for (const network of networks) {
    if (only && !only.includes(network.name)) continue;
    await inFolder(async (folder) => tell(await checkNetwork(network, python, folder)));
  }
  const failed = checks.filter(({ wrong }) => wrong.length > 0).length;
  const result = { versions: { deno: Deno.version.deno, ...versions }, passed: checks.length - failed, failed, checks };
  if (!only) {
    await Deno.writeTextFile(values.out, JSON.stringify(result, null, 2) + "\n");
    console.log(`Written to ${values.out}`);
  }
  console.log(`${result.passed} passed, ${failed} failed`);
  if (failed) Deno.exitCode = 1;
} finally {
  await python.end();
}

/** Prints the rows of a network and keeps them. */
function tell(found: Check[]): void {
  for (const { network, format, from, wrong, logits } of found) {
    const way = from === "thaw" ? "thaw → PyTorch" : "PyTorch → thaw";
    const outcome = wrong.length ? `DIFFERENT: ${wrong.join("; ")}` : "same";
    const apart = logits === undefined ? "" : `, logits ${logits.toExponential(0)} apart`;
    console.log(`${network.padEnd(18)}  ${way}  ${format.padEnd(29)}  ${outcome}${apart}`);
  }
  checks.push(...found);
}

/** A network's files are up to a gigabyte and more, all together: they go before the next one's come. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
