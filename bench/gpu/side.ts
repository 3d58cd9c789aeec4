import { ANSWER, type Answer } from "./answer.ts";
import { readLines } from "../../lib/study/workers/lines.ts";

/** How a side is started. */
export interface SideCommand {
  /** What it is called in problems: `thaw`, `PyTorch`. */
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
}

const PATIENCE = 20; // seconds for a process to end by itself
const KEPT = 4000; // characters of what it said last

/** A program in a process of its own that is asked to do one thing after another; see answer.ts. */
export class Side {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #questions: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: AsyncGenerator<string, void>;
  readonly #errors: Promise<void>;
  #said = "";

  constructor({ name, command, args, env }: SideCommand) {
    this.name = name;
    this.#child = new Deno.Command(command, { args, env, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    this.#questions = this.#child.stdin.getWriter();
    this.#output = readLines(this.#child.stdout);
    this.#errors = this.#listen();
  }

  /**
   * Asks for one thing and waits for the answer.
   *
   * @param seconds when to give up; the process is killed then
   * @throws Error with the side's own reason, or saying how its process ended
   */
  async ask<T>(question: string, seconds: number): Promise<T> {
    await this.#questions.write(new TextEncoder().encode(question + "\n")).catch(() => {}); // its end is told below
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#kill();
    }, seconds * 1000);
    try {
      const answer = await this.#answer();
      if (answer && "value" in answer) return answer.value as T;
      if (answer) throw new Error(answer.problem);
    } finally {
      clearTimeout(timer);
    }
    if (late) throw new Error(`${this.name} did not answer "${question}" within ${seconds.toFixed(0)} s`);
    throw new Error(`${this.name} ended at "${question}" with ${await this.#ending()}`);
  }

  /** Lets the process end, and sees that it does. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.#kill(), PATIENCE * 1000);
    await this.#questions.close().catch(() => {}); // a process that has ended takes nothing more
    for await (const _ of this.#output); // what it prints at its end
    await this.#child.status;
    await this.#errors;
    clearTimeout(timer);
  }

  async #answer(): Promise<Answer | undefined> {
    for (;;) {
      const { value: line, done } = await this.#output.next();
      if (done) return undefined;
      if (line.startsWith(ANSWER)) return JSON.parse(line.slice(ANSWER.length));
    }
  }

  async #listen(): Promise<void> {
    for await (const line of readLines(this.#child.stderr)) this.#said = `${this.#said}${line}\n`.slice(-KEPT);
  }

  async #ending(): Promise<string> {
    const { code, signal } = await this.#child.status;
    await this.#errors;
    const last = this.#said.trim().split("\n").slice(-5).join("\n");
    return (signal ?? `exit code ${code}`) + (last && `:\n${last}`);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
}
