import { stripVTControlCharacters } from "node:util";

const encoder = new TextEncoder();
const EVERY_MS = 5_000; // how often a line is printed where there is no terminal (CI logs)

/** A line on the terminal that is rewritten as work goes on; without a terminal, a new line every few seconds. */
export class ProgressLine {
  #terminal = Deno.stderr.isTerminal();
  #started = performance.now();
  #printed = performance.now();
  #open = false;

  /** What comes before each text: which of several things is under way. */
  prefix = "";

  constructor(private readonly indent = "      ") {}

  /** Seconds since the line was made. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Shows `text` in place of what the line showed. */
  update(text: string): void {
    const line = this.indent + stripVTControlCharacters(this.prefix + text).replaceAll(/\s+/g, " ");
    if (this.#terminal) {
      const width = columns();
      Deno.stderr.writeSync(encoder.encode(`\r\x1b[2K${line.length < width ? line : line.slice(0, width - 2) + "…"}`));
      this.#open = true;
    } else if (performance.now() - this.#printed > EVERY_MS) {
      this.#printed = performance.now();
      console.error(line);
    }
  }

  /** Prints something that stays. */
  say(text: string): void {
    this.clear();
    console.log(this.indent + text.replaceAll("\n", `\n${this.indent}`));
  }

  /** Takes the rewritten line away, so that something lasting can be printed. */
  clear(): void {
    if (this.#open) Deno.stderr.writeSync(encoder.encode("\r\x1b[2K"));
    this.#open = false;
  }

  /** Shows how far `bytes()` is towards `total`, four times a second, while `work` runs. */
  async watch<T>(what: string, bytes: () => Promise<number>, total: number, work: Promise<T>): Promise<T> {
    const started = performance.now();
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      looking = true;
      try {
        const found = await bytes();
        this.update(progressText(what, found, total, (performance.now() - started) / 1000));
      } finally {
        looking = false;
      }
    }, 250);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      this.clear();
    }
  }
}

/** `downloading 45 %, 123 of 274 MB, 35 MB/s`. */
export function progressText(what: string, bytes: number, total: number, seconds: number): string {
  const percent = Math.min(100, Math.floor((100 * bytes) / total));
  const rate = seconds > 1 ? `, ${megabytes(bytes / seconds)}/s` : "";
  return `${what} ${percent} %, ${Math.round(bytes / 1e6)} of ${megabytes(total)}${rate}`;
}

/** `273.8 MB` below ten thousand, `3.4 GB` above; `0.1 MB` is the least that is told. */
export function megabytes(bytes: number): string {
  if (bytes >= 1e10) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${bytes >= 1e8 ? Math.round(bytes / 1e6) : (Math.max(bytes, 1e5) / 1e6).toFixed(1)} MB`;
}

/** The bytes of all files below `folder`; 0 where there is none (yet). */
export async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) sum += await folderBytes(path);
      else if (entry.isFile) sum += (await Deno.lstat(path)).size;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // files come and go while they are counted
  }
  return sum;
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 100;
  }
}
