import { load, save } from "thaw";
import type { Check } from "./check_network.ts";

/**
 * State dicts that are not a network's: PyTorch and safetensors write them, thaw loads and saves them again, and tensors.py finds
 * that every bit is the same. A row stands for both ways.
 */
export async function checkTensors(python: string, folder: string): Promise<Check[]> {
  for (const { path } of await ask<{ path: string }>(python, "make", folder)) {
    for (const format of ["zip", "legacy"]) await save(await load(`${path}.${format}`), `${path}.${format}.again`);
    await save(await load(`${path}.safetensors`), `${path}.safetensors.again.safetensors`);
  }
  const rows = await ask<{ name: string; format: string; failed: string[] }>(python, "check", folder);
  return rows.map(({ name, format, failed }) => ({
    network: name,
    format: `${format}, and back`,
    from: "PyTorch",
    wrong: failed,
  }));
}

/** What tensors.py prints, a line of JSON each. */
async function ask<Row>(python: string, action: string, folder: string): Promise<Row[]> {
  const args = ["bench/interop/tensors.py", action, folder];
  const { success, stdout, stderr } = await new Deno.Command(python, { args }).output();
  if (!success) throw new Error(`Cannot ${action} the tensors:\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}
