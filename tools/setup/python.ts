import { fileURLToPath } from "node:url";
import { type CommandOptions, type CommandResult, runCommand } from "./process.ts";

/** Runs a Python program that ends, with its kernels, when its stdin closes. */
export const TETHER: string = fileURLToPath(new URL("../tether.py", import.meta.url));

/** A Python 3 that runs here. */
export interface Python {
  command: string;
  version: string;
}

/** Finds a Python 3 on PATH (`python3`, `python`, `py`); `undefined` when there is none. */
export async function findPython(): Promise<Python | undefined> {
  for (const command of ["python3", "python", "py"]) {
    try {
      const { code, stdout } = await runCommand(command, [
        "-c",
        "import sys; print('%d.%d.%d' % sys.version_info[:3])",
      ]);
      const version = stdout.trim();
      if (code === 0 && version.startsWith("3.")) return { command, version };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/** Finds a Python 3 at least as new as `minimum` or throws an error that says what to install. */
export async function needPython(minimum: string, what: string): Promise<Python> {
  const python = await findPython();
  if (!python) {
    throw new Error(
      `Cannot ${what}: expected Python ${minimum} or newer as python3 on PATH, found none. ` +
        `Install it (Debian and Ubuntu: apt install python3 python3-venv python3-pip) and run the task again.`,
    );
  }
  if (compareVersions(python.version, minimum) < 0) {
    throw new Error(
      `Cannot ${what}: expected Python ${minimum} or newer, found ${python.version} (${python.command}). ` +
        `Put a newer python3 first on PATH and run the task again.`,
    );
  }
  return python;
}

/** Runs a Python module or script that ends when this process does. */
export function runPython(python: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  return runCommand(python, [TETHER, ...args], options);
}

/** Negative when version `a` is older than `b`, 0 when they are the same, positive when newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
