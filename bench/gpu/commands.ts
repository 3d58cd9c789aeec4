import { fileURLToPath } from "node:url";
import type { Case } from "./cases.ts";
import type { SideCommand } from "./side.ts";

/** What thaw's side computes with. */
export type ThawDevice = "gpu" | "cpu" | "webgpu";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Starts thaw's side for a case. Its engine is named, lest a slower one be timed where this one cannot be had. */
export function thawCommand(asked: Case, device: ThawDevice): SideCommand {
  const env: Record<string, string> = { THAW_ENGINE: device === "webgpu" ? "webgpu" : "tensorflow" };
  if (device === "cpu") env.CUDA_VISIBLE_DEVICES = "-1";
  if ("precision" in asked) env.THAW_PRECISION = asked.precision;
  return {
    name: device === "webgpu" ? "WebGPU" : "thaw",
    command: Deno.execPath(),
    args: ["run", "-A", "--no-check", ...FROM_PACK, path("thaw_side.ts"), JSON.stringify(asked)],
    env,
  };
}

/** From a pack nothing is fetched, whatever folder it is started in. */
const FROM_PACK = Deno.env.has("THAW_BENCH_PACK") ? ["--cached-only", "--config", path("../../deno.json")] : [];

/** Starts PyTorch's side for a case. */
export function torchCommand(asked: Case, device: "gpu" | "cpu", python: string): SideCommand {
  const args = [path("torch_side.py"), JSON.stringify(asked), device === "gpu" ? "cuda" : "cpu"];
  // Else its threads keep a processor that others want busy while they wait.
  const env: Record<string, string> = device === "cpu" ? { OMP_WAIT_POLICY: "PASSIVE" } : {};
  return { name: "PyTorch", command: python, args, env };
}
