import { load, models, nn, save, StateDict } from "thaw";
import { image } from "../../tests/golden/values.ts";
import type { Network } from "./networks.ts";
import type { PythonSide } from "./python_side.ts";
import { type Fingerprint, fingerprints, logitsApart, type Report, report, stateDifference } from "./report.ts";

/** One file that one side wrote and the other read. */
export interface Check {
  network: string;
  format: string;
  from: "PyTorch" | "thaw";
  /** What is not as it was, in words; nothing where all is. */
  wrong: string[];
  /** How far the logits are apart, relative to the largest of their row. */
  logits?: number;
}

const classes = 7;
/** The logits' largest distance that counts as the same, relative to the largest of their row. */
const tolerance = 1e-5;

type Failed = { failed: string };
type FromTorch = { [format: string]: (Report & { read?: Fingerprint[]; expectedText?: string }) | Failed };

/** Sends a network's files both ways. The files of both sides are left in the folder. */
export async function checkNetwork(network: Network, python: PythonSide, folder: string): Promise<Check[]> {
  const { name, size } = network;
  const pictures = image(name, 2, size);
  await Deno.writeFile(`${folder}/pictures.bin`, new Uint8Array(pictures.buffer));
  const request = { name, size, folder, classes, options: network.torch ?? {} };
  const make = () => models.get(name, { ...network.options, numClasses: classes }) as nn.Module;
  const say = (model: nn.Module) => report(model, pictures, size);
  const checks: Check[] = [];
  const check = async (
    format: string,
    from: Check["from"],
    work: () => Promise<Omit<Check, "network" | "format" | "from">>,
  ) => {
    const outcome = await work().catch((error) => ({ wrong: [String(error).slice(0, 300)] }));
    checks.push({ network: name, format, from, ...outcome });
  };

  const theirs = await python.ask<Report>({ do: "write", ...request });
  for (const format of ["zip", "legacy", "safetensors"]) {
    await check(format, "PyTorch", async () => {
      const stateDict = await load(`${folder}/theirs.${format}`);
      const model = make().eval();
      model.loadStateDict(stateDict);
      const found = await say(model);
      return compare(found, theirs, {
        read: stateDifference(await fingerprints(stateDict), theirs.state, format !== "safetensors"), // sorts by itself
      });
    });
  }
  await check("whole", "PyTorch", async () => {
    const model = await load<nn.Module>(`${folder}/theirs.whole`);
    return compare(await say(model), theirs, { sameMode: true });
  });

  const ours = await ownNetwork(make(), await load(`${folder}/theirs.zip`));
  const expected = await say(ours);
  const stateDict = ours.stateDict();
  await save(stateDict, `${folder}/ours.zip`);
  await save(stateDict, `${folder}/ours.safetensors`);
  await save(ours, `${folder}/ours.whole`);
  const answers = await python.ask<FromTorch>({ do: "read", ...request });
  for (const [format, found] of Object.entries(answers)) {
    await check(format, "thaw", async () => {
      if ("failed" in found) return { wrong: [found.failed as string] };
      const { read, expectedText } = found;
      const compared = compare(found, expected, {
        read: read && stateDifference(read, expected.state),
        sameMode: format === "whole",
      });
      if (expectedText !== undefined && found.text !== expectedText) compared.wrong.push("its print in PyTorch");
      return await Promise.resolve(compared);
    });
  }
  await check("whole, saved again by PyTorch", "thaw", async () => {
    const model = await load<nn.Module>(`${folder}/again.whole`);
    return compare(await say(model), expected, { sameMode: true });
  });
  return checks;
}

/**
 * A network of our own: with numbers of its own, near PyTorch's so that its logits tell pictures apart, its first half not to be
 * trained, and all in evaluation mode but the last layer.
 */
async function ownNetwork(model: nn.Module, near: StateDict): Promise<nn.Module> {
  const own = await Promise.all([...near].map(async ([name, { shape, dtype, data }]) => {
    const numbers = await data();
    const changed = numbers instanceof Float32Array ? numbers.map((value) => 1.001 * value + 1e-5) : numbers;
    return [name, { shape, dtype, data: changed }] as const;
  }));
  model.loadStateDict(StateDict.from(Object.fromEntries(own)));
  model.eval();
  model.modules().at(-1)!.training = true; // a linear layer or a pooling: its output is the same
  const parameters = model.parameters();
  for (const parameter of parameters.slice(0, parameters.length >> 1)) parameter.requiresGrad = false;
  for (const [, buffer] of model.namedBuffers()) if (buffer instanceof nn.Counter) buffer.value = 3;
  return model;
}

function compare(
  found: Report,
  expected: Report,
  { read, sameMode = false }: { read?: string; sameMode?: boolean },
): { wrong: string[]; logits: number } {
  const wrong: string[] = [];
  if (read) wrong.push(`what was read: ${read}`);
  const state = stateDifference(found.state, expected.state);
  if (state) wrong.push(`the network's state: ${state}`);
  if (found.text !== expected.text) wrong.push("print");
  const logits = logitsApart(found.logits, expected.logits);
  const [first, second] = expected.logits.map((row) => [row]);
  const pictures = logitsApart(first, second);
  if (pictures < 30 * tolerance) {
    wrong.push(`logits that tell nothing: of both pictures only ${pictures.toExponential(1)} apart`);
  }
  if (!(logits <= tolerance)) wrong.push(`logits ${logits.toExponential(1)} apart`);
  if (sameMode && !same(found.requiresGrad, expected.requiresGrad)) wrong.push("which parameters train");
  if (sameMode && !same(found.training, expected.training)) wrong.push("which modules are in training mode");
  return { wrong, logits };
}

function same(a: Record<string, boolean>, b: Record<string, boolean>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
