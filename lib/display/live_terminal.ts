import type { Screen } from "./live.ts";
import { flat, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

/** Where a line of progress goes. */
export interface Terminal {
  /** Whether a line can be written over. */
  interactive: boolean;
  /** Letters in a line. */
  columns: number;
  write(text: string): void;
}

/** A live display's progress as one line: written over on a terminal, a new one every two seconds elsewhere. */
export function terminalScreen(terminal: Terminal | undefined = standardError()): Screen {
  let written = "";

  function put(spec: Spec, last: boolean): void {
    if (!terminal) return;
    const line = progressLine(spec);
    if (line === "" && written === "") return;
    if (terminal.interactive) {
      const fitting = [...line].slice(0, terminal.columns - 1).join("");
      terminal.write(`\r${fitting}\x1b[K${last ? "\n" : ""}`);
    } else if (line !== written) {
      terminal.write(line + "\n");
    }
    written = line;
  }

  return {
    interval: terminal?.interactive ? 100 : 2000,
    draw: (spec) => put(spec, false),
    finish: (spec) => Promise.resolve(put(spec, true)),
  };
}

/** The first progress in a spec; curves and tables are no line, and whoever made them shows them at the end. */
function progressLine(spec: Spec): string {
  const progress = flat(spec).find((item) => item.kind === "progress");
  return progress ? toText(progress) : "";
}

function standardError(): Terminal | undefined {
  if (Deno.env.get("THAW_QUIET")) return undefined;
  const interactive = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  return {
    interactive,
    columns: interactive ? Deno.consoleSize().columns : Infinity,
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
  };
}
