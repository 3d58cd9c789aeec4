import { printable, quoted } from "./quoted.ts";

const depthLimit = 3; // the header, a tensor, its shape
const valueLimit = 1 << 21; // of two hundred thousand tensors

/**
 * Parses the header of a safetensors file, after a look over its text that takes no memory: JSON of a few bytes can ask for many
 * times as much, and for calls within calls. An object that has a key twice is refused: JSON.parse takes the last and forgets
 * the others, by which a file could show one thing to one reader and another to the next.
 *
 * @throws {TypeError | RangeError} where it is not JSON of an object, or no such header
 */
export function parseHeader(text: string): Record<string, unknown> {
  lookOver(text);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`expected its header to be a JSON object, found ${printable((error as Error).message)}`);
  }
  if (isObject(header)) return header;
  throw new TypeError(`expected its header to be a JSON object, found ${describeJson(header)}`);
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of JSON as error messages show it, however large it is. */
export function describeJson(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return quoted(value);
  const few = Array.isArray(value) ? value : isObject(value) ? Object.entries(value).flat() : [];
  if (few.length > 6 || few.some((item) => typeof item === "object" && item !== null)) {
    return Array.isArray(value) ? `a list of ${value.length}` : "an object";
  }
  const inner = few.map(describeJson);
  if (Array.isArray(value)) return `[${inner.join(",")}]`;
  if (!isObject(value)) return String(value);
  return `{${inner.map((item, i) => i === 0 ? item : i % 2 ? `:${item}` : `,${item}`).join("")}}`;
}

function lookOver(text: string): void {
  const open: Set<string>[] = []; // the keys so far of the objects that are open; a list has none
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isColon(text, end)) {
        const key = unescaped(text.slice(at, end));
        if (key === undefined) return; // JSON.parse says what is wrong
        if (keys.has(key)) throw new TypeError(`its header describes ${quoted(key)} twice`);
        keys.add(key);
      }
      at = end - 1;
    } else if (character === "{" || character === "[") {
      if (open.length === depthLimit) throw new RangeError(`its header nests deeper than ${depthLimit}`);
      open.push(new Set());
      values++;
    } else if (character === "}" || character === "]") open.pop();
    else if (character === ",") values++;
    if (values > valueLimit) throw new RangeError(`its header has more than ${valueLimit} values`);
  }
}

/** Where a string ends that begins at `at`, behind its closing quote; the text's end where it is not closed. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === '"') return end + 1;
  }
  return text.length;
}

function isColon(text: string, at: number): boolean {
  while (" \t\r\n".includes(text[at] ?? "-")) at++;
  return text[at] === ":";
}

function unescaped(string: string): string | undefined {
  if (!string.includes("\\")) return string.slice(1, -1);
  try {
    return JSON.parse(string);
  } catch {
    return undefined;
  }
}
