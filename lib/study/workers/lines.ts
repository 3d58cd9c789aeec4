import type { PlainExperiment } from "../trials/experiment.ts";
import type { Trial, TrialEvent, TrialResult } from "../trials/trial.ts";

/**
 * What a worker and its owner say to each other: lines of JSON after a marker. Whatever else stands on a worker's output,
 * by `console.log` or by a library, is for people to read.
 *
 * @module
 */

/** What an owner tells a worker. */
export type ToWorker =
  | { kind: "experiment"; experiment: PlainExperiment }
  | { kind: "trial"; trial: Trial }
  /** Ends the trial after the step that it is at. */
  | { kind: "stop" };

/** What a worker tells its owner. */
export type FromWorker =
  | { kind: "event"; event: TrialEvent }
  | { kind: "result"; result: TrialResult }
  | { kind: "error"; error: PlainError };

/** An error as plain data. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string;
}

const marker = "::thaw:: ";

/**
 * A message as a line. It begins with a line break, for what was printed before may lack one, and it is ASCII, for what
 * stands between may not know of UTF-8. Numbers that JSON has none of, the loss of a training that diverged, are kept.
 */
export function encodeLine(message: ToWorker | FromWorker): string {
  const json = JSON.stringify(
    message,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? { "not finite": String(value) } : value,
  );
  const ascii = json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `\n${marker}${ascii}\n`;
}

/** The message of a line; undefined where it is none, or is not whole. */
export function decodeLine<Message extends ToWorker | FromWorker>(line: string): Message | undefined {
  if (!line.startsWith(marker)) return undefined;
  try {
    return JSON.parse(line.slice(marker.length), (_, value) => {
      const text = value?.["not finite"];
      return typeof text === "string" ? Number(text) : value;
    });
  } catch {
    return undefined;
  }
}

/** The lines of a stream as they come, without their ends; the last one may lack its end. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  // A decoder of one's own: a stream that breaks then rejects here and nowhere else.
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest) yield rest;
}

/** An error as plain data. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}

const classes: Record<string, new (message: string) => Error> = { TypeError, RangeError, SyntaxError };

/** The error again, of its own class where that is one of JavaScript's. */
export function revivedError({ name, message, stack }: PlainError): Error {
  if (name === "AbortError") return new DOMException(message, name);
  const error = classes[name] ? new classes[name](message) : Object.assign(new Error(message), { name });
  if (stack) error.stack = stack;
  return error;
}
