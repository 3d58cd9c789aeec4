import type { TrialEvent, TrialResult } from "../trials/trial.ts";
import { decodeLine, type FromWorker, type PlainError } from "./lines.ts";

const kept = 12;
const longest = 2000;

/** What a worker's output has said about one trial so far. */
export class TrialOutput {
  /** What it came to, once that is known. */
  outcome?: { result: TrialResult } | { error: PlainError };
  readonly #watch: (event: TrialEvent) => void;
  readonly #last: string[] = [];

  /** @param watch is told what happens, and the lines that are for people to read */
  constructor(watch: (event: TrialEvent) => void) {
    this.#watch = watch;
  }

  /** Takes the next line. */
  take(line: string): void {
    const message = decodeLine<FromWorker>(line);
    if (message?.kind === "event") this.#watch(message.event);
    else if (message?.kind === "result") this.outcome = { result: message.result };
    else if (message?.kind === "error") this.outcome = { error: message.error };
    else this.#log(line);
  }

  /** The last lines that were no messages, for an error's text. */
  get lastLines(): string {
    return this.#last.join("\n");
  }

  #log(line: string): void {
    const text = line.trimEnd().slice(0, longest);
    if (text === "") return;
    this.#last.push(text);
    if (this.#last.length > kept) this.#last.shift();
    this.#watch({ kind: "log", text });
  }
}
