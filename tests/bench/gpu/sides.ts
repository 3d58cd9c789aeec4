import { fileURLToPath } from "node:url";
import type { SideCommand } from "../../../bench/gpu/side.ts";

/** A side that does as `does` says; see side_for_tests.ts. */
export function sideCommand(name: string, does: Record<string, string>): SideCommand {
  const program = fileURLToPath(new URL("./side_for_tests.ts", import.meta.url));
  const args = ["run", "-A", "--no-check", program, JSON.stringify({ name, ...does })];
  return { name, command: Deno.execPath(), args };
}
