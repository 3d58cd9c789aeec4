import type { BadFile } from "./files.ts";
import { linesOf } from "./lines.ts";
import type { Outcome } from "./outcome.ts";

/** What became of a file in a process of its own, and what it cost. */
export interface Result {
  file: number;
  format: BadFile["format"];
  mutation: string;
  seed: string;
  /** The file's size. */
  bytes: number;
  kind: Outcome["kind"] | "crashed" | "hung";
  said: string;
  /** What it took of the processors' time, where the system says. */
  milliseconds: number;
  /** The most memory that the process held meanwhile, in bytes; 0 where the system does not say. */
  peak: number;
  /** By how much that was more than what it held before. */
  growth: number;
}

const heapLimit = 1024; // MB, of JavaScript's values
const memoryLimit = 1.5 * 2 ** 30; // bytes that the process may take for everything beyond what it has when it starts
const timeLimit = 20_000; // ms of the processor's time, for one file
const waitLimit = 10 * timeLimit; // ms on the clock: on a machine that has other things to do, a process may get a tenth

type Reply = {
  ready?: true;
  made?: Omit<BadFile, "bytes"> & { bytes: number };
  outcome?: Outcome;
};

/**
 * Opens files in a process with little memory and no permissions beyond reading the project. A file that ends the process or
 * takes too long is a result too; the next one has a new process.
 */
export class LimitedProcess {
  #child: Deno.ChildProcess | undefined;
  #replies: AsyncGenerator<string> | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #errors = "";
  readonly #folder = Deno.makeTempDirSync({ prefix: "thaw-fuzz-" });

  constructor(readonly seed: number) {}

  async open(file: number): Promise<Result> {
    if (!this.#child) await this.#start();
    const pid = this.#child!.pid;
    const result: Result = {
      ...{ file, format: "torch zip", mutation: "", seed: "", bytes: 0, kind: "crashed", said: "" },
      ...{ milliseconds: 0, peak: 0, growth: 0 },
    };
    const { made } = await this.#ask(String(file));
    if (!made) return { ...result, said: `while the file was made: ${await this.#end()}` };
    Object.assign(result, made);
    resetPeak(pid);
    const before = memoryOf(pid, "VmRSS");
    const started = timeOf(pid);
    const { outcome, late } = await this.#ask("go");
    result.milliseconds = Math.max(0, (timeOf(pid) ?? 0) - (started ?? 0));
    if (!outcome) {
      return { ...result, kind: late ? "hung" : "crashed", said: await this.#end() };
    }
    const peak = memoryOf(pid, "VmHWM");
    if (result.bytes >= 1 << 20) await Deno.remove(`${this.#folder}/${file}`).catch(() => {});
    return { ...result, ...outcome, peak, growth: Math.max(0, peak - before) };
  }

  async close(): Promise<void> {
    if (this.#child) await this.#end();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #start(): Promise<void> {
    const project = decodeURIComponent(new URL("../..", import.meta.url).pathname);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        `--config=${project}deno.json`,
        "--quiet",
        `--allow-read=${project},${this.#folder}`,
        `--allow-write=${this.#folder}`,
        "--allow-env",
        "--allow-sys",
        `--v8-flags=--expose-gc,--max-old-space-size=${heapLimit}`,
        decodeURIComponent(new URL("./worker.ts", import.meta.url).pathname),
        String(this.seed),
        this.#folder,
      ],
      clearEnv: true,
      env: environment(),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#replies = linesOf(child.stdout);
    this.#input = child.stdin.getWriter();
    this.#errors = "";
    (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) this.#errors += text;
    })();
    const { value } = await this.#replies.next();
    if (!value) throw new Error(`Cannot fuzz: the process does not start: ${await this.#end()}`);
    await limitMemory(child.pid, memoryOf(child.pid, "VmSize") + memoryLimit);
  }

  /** Sends a line and waits for the answer; an empty one where the process has ended, or is too slow and must be. */
  async #ask(line: string): Promise<Reply & { late?: true }> {
    const { pid } = this.#child!;
    const begun = performance.now(), started = timeOf(pid);
    let timer: ReturnType<typeof setInterval> | undefined;
    const late = new Promise<{ late: true }>((resolve) => {
      timer = setInterval(() => {
        const waited = performance.now() - begun;
        const used = (timeOf(pid) ?? NaN) - (started ?? NaN);
        if ((Number.isNaN(used) ? waited : used) > timeLimit || waited > waitLimit) resolve({ late: true });
      }, 1000);
    });
    const answer = async (): Promise<Reply> => {
      try {
        await this.#input!.write(new TextEncoder().encode(`${line}\n`));
        const { value } = await this.#replies!.next();
        return value ? JSON.parse(value) : {};
      } catch {
        return {}; // it has ended before it could read
      }
    };
    try {
      return await Promise.race([answer(), late]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Ends the process, if it has not ended itself, and says what it said last. */
  async #end(): Promise<string> {
    const child = this.#child!;
    this.#child = undefined;
    await this.#input!.close().catch(() => {});
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended */ }
    const { code, signal } = await child.status;
    await this.#replies!.return(undefined).catch(() => {});
    return `${signal ?? `exit code ${code}`}: ${this.#errors.trim().slice(-600)}`;
  }
}

/** What Deno needs to find its modules; the engine is the one in plain JavaScript, which is part of the process. */
function environment(): Record<string, string> {
  const kept = ["HOME", "USERPROFILE", "PATH", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), THAW_ENGINE: "cpu", THAW_QUIET: "1" };
}

/** Lets a process have no more address space than this, where the system can (Linux); elsewhere the heap's limit has to do. */
async function limitMemory(pid: number, bytes: number): Promise<void> {
  try {
    await new Deno.Command("prlimit", { args: ["--pid", String(pid), `--as=${Math.round(bytes)}`] }).output();
  } catch { /* there is no prlimit */ }
}

/** How much of the processors' time a process has had, in ms; undefined where the system does not say. */
function timeOf(pid: number): number | undefined {
  try {
    // Behind the program's name, in brackets, the 12th and 13th word: ticks of 10 ms, its own and the system's for it.
    const words = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ");
    return 10 * (Number(words[11]) + Number(words[12]));
  } catch {
    return undefined;
  }
}

function memoryOf(pid: number, what: "VmRSS" | "VmHWM" | "VmSize"): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return 1024 * Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)![1]);
  } catch {
    return 0;
  }
}

function resetPeak(pid: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch { /* then the peak is that of the process so far */ }
}
