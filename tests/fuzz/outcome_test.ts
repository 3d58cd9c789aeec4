import { assertEquals } from "@std/assert";
import { judge } from "./outcome.ts";

const begins = /^Cannot load /;

Deno.test("an error is clear where it is a sentence of thaw's, and unclear where it is JavaScript's or cannot be printed", () => {
  const kinds: [unknown, "refused" | "unclear"][] = [
    [new TypeError('Cannot load the bytes: "w" lies outside its storage'), "refused"],
    [new TypeError('Cannot load the bytes: its key "undefined" comes twice'), "refused"],
    [new Error('Cannot load the state dict:\n  Cannot load "a": expected [2]'), "refused"],
    [new TypeError("Cannot read properties of undefined (reading 'x')"), "unclear"],
    [new RangeError("Cannot load the bytes: Invalid array length"), "unclear"],
    [new RangeError("Cannot load the bytes: Maximum call stack size exceeded"), "unclear"],
    [new RangeError("Cannot load the bytes: Map maximum size exceeded"), "unclear"],
    [new TypeError("Cannot load the bytes: x is not iterable"), "unclear"],
    [new TypeError("Cannot load the bytes: expected NaN bytes"), "unclear"],
    [new TypeError(`Cannot load the bytes: ${"x".repeat(20_000)}`), "unclear"],
    [new TypeError('Cannot load the bytes: "\x1b[2J"'), "unclear"],
    ["Cannot load the bytes: a text is no error", "unclear"],
  ];
  for (const [error, kind] of kinds) assertEquals(judge(error, begins).kind, kind, String(error));
});
