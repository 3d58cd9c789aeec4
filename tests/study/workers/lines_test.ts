import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  decodeLine,
  encodeLine,
  type FromWorker,
  plainError,
  readLines,
  revivedError,
} from "../../../lib/study/workers/lines.ts";
import { TrialOutput } from "../../../lib/study/workers/output.ts";
import type { TrialEvent } from "../../../lib/study/trials/trial.ts";

const log = (text: string): FromWorker => ({ kind: "event", event: { kind: "log", text } });

/** A stream of these pieces. */
function stream(...pieces: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(
    pieces.map((piece) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece),
  );
}

Deno.test("lines: a message comes back as it was, whatever is in it", () => {
  const epoch = { epoch: 1, loss: NaN, accuracy: Infinity, learningRate: -Infinity, seconds: 0.1 + 0.2 };
  for (
    const message of [log("größer\n\t“12” 🙂 \\u00e9 "), { kind: "event", event: { kind: "epoch", epoch } } as const]
  ) {
    const line = encodeLine(message);
    assert(/^\n[\x20-\x7e]+\n$/.test(line), line); // one line, begun anew, of ASCII
    assertEquals(decodeLine<FromWorker>(line.trim()), message);
  }
});

Deno.test("lines: what is no message is none", () => {
  const line = encodeLine(log("x")).trim();
  for (const other of ["", "hello", ` ${line}`, line.slice(0, -1), "::thaw:: ", "::thaw:: {", "{}"]) {
    assertEquals(decodeLine(other), undefined, other);
  }
});

Deno.test("lines: a stream's lines, however it is cut", async () => {
  const bytes = new TextEncoder().encode("é1\r\nzwei\n\nlast");
  const expected = ["é1", "zwei", "", "last"];
  assertEquals(await Array.fromAsync(readLines(stream(bytes))), expected);
  assertEquals(await Array.fromAsync(readLines(stream(...Array.from(bytes, (byte) => Uint8Array.of(byte))))), expected);
  assertEquals(await Array.fromAsync(readLines(stream())), []);
});

Deno.test("lines: an error keeps its class and its text", () => {
  for (const error of [new TypeError("a"), new RangeError("b"), new Error("c"), new Deno.errors.NotFound("d")]) {
    const revived = revivedError(JSON.parse(JSON.stringify(plainError(error))));
    assertEquals([revived.name, revived.message, revived.stack], [error.name, error.message, error.stack]);
    if (error instanceof RangeError) assertInstanceOf(revived, RangeError);
  }
  assertEquals(revivedError(plainError(new DOMException("e", "AbortError"))).name, "AbortError");
  assertEquals(revivedError(plainError("thrown text")).message, "thrown text");
});

Deno.test("output: messages are told, other lines are logged and the last of them kept", () => {
  const events: TrialEvent[] = [];
  const output = new TrialOutput((event) => events.push(event));
  output.take(encodeLine(log("a message")).trim());
  for (let i = 1; i <= 20; i++) output.take(`line ${i}   `);
  output.take("   ");
  output.take("x".repeat(5000));
  assertEquals(events.length, 22);
  assertEquals(events[0], { kind: "log", text: "a message" });
  assertEquals(output.lastLines.split("\n").map((line) => line.length), [...Array(11).fill(7), 2000]);
  assertEquals(output.outcome, undefined);
  output.take(encodeLine({ kind: "error", error: { name: "Error", message: "no" } }).trim());
  assertEquals(output.outcome, { error: { name: "Error", message: "no" } });
});
