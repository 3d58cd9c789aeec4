import { load } from "../../lib/files/load.ts";
import { Module, Parameter } from "../../lib/nn/mod.ts";
import { bytesPerElement, elementCount, fits } from "../../lib/weights/dtype.ts";
import type { Entry, StateDict } from "../../lib/weights/state_dict.ts";

/** What became of a file; `said` is the error, or what is wrong with it or with what was loaded. */
export interface Outcome {
  kind: "loaded" | "refused" | "unclear";
  said: string;
}

/** A tensor larger than this, and all of a file beyond it, are not read: a good file may have large tensors too. */
const readLimit = 1 << 28;

/** Loads a file and reads all its tensors. */
export async function outcomeOf(source: string | Uint8Array): Promise<Outcome> {
  let loaded: StateDict | Module;
  try {
    loaded = await load<StateDict | Module>(source);
  } catch (error) {
    return judge(error, /^Cannot load /);
  }
  if (loaded instanceof Module) return outcomeOfNetwork(loaded);
  const sd = loaded;
  let read = 0;
  let refused: Outcome | undefined;
  for (const entry of [...sd.values(), ...Object.values(sd.metadata).filter(isEntry)]) {
    const bytes = elementCount(entry.shape) * bytesPerElement(entry.dtype);
    if (read + bytes > readLimit) continue;
    read += bytes;
    try {
      const data = await entry.data();
      if (data.length !== elementCount(entry.shape) || !fits(data, entry.dtype)) {
        return { kind: "unclear", said: `${data.length} numbers of ${entry.dtype} in the shape [${entry.shape}]` };
      }
    } catch (error) {
      refused = judge(error, /^Cannot read /);
      if (refused.kind === "unclear") return refused;
    }
  }
  try {
    String(sd);
  } catch (error) {
    return { kind: "unclear", said: `printing it: ${error}` };
  }
  return refused ?? { kind: "loaded", said: `${sd.size} tensors` };
}

/** A network has its values already; they are given back, since files follow. */
function outcomeOfNetwork(network: Module): Outcome {
  try {
    String(network);
    const { size } = network.stateDict();
    for (const [, stored] of network.namedState()) {
      if (stored instanceof Parameter && stored.initialized && !stored.value.isDisposed) stored.value.dispose();
    }
    return { kind: "loaded", said: `a network of ${size} tensors` };
  } catch (error) {
    return { kind: "unclear", said: `using it: ${error}` };
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && "dataSync" in value;
}

/** What JavaScript says by itself, which nobody understands who has only opened a file. */
const raw = new RegExp(
  "Invalid (array|typed|string|count|DataView|regular)|Maximum call stack|undefined|is not (a function|iterable|defined|an object)|" +
    "Cannot (read properties|convert|mix|set prop|perform)|out of (memory|bounds)|offset is|Map maximum|Set maximum|allocation|" +
    "BigInt|NaN|\\[object |Symbol|ERR_|os error",
);
const lengthLimit = 10_000;

/** Whether an error is a sentence of thaw's that can be printed. */
export function judge(error: unknown, begins: RegExp): Outcome {
  if (!(error instanceof Error)) return { kind: "unclear", said: `no Error was thrown: ${error}` };
  const said = error.message;
  const because = !begins.test(said)
    ? "begins otherwise"
    : raw.test(withoutQuotes(said))
    ? "JavaScript's own"
    : said.length > lengthLimit
    ? `${said.length} characters long`
    // deno-lint-ignore no-control-regex -- those are what is looked for
    : /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(said.replaceAll("\n  ", ""))
    ? "has characters that act on a terminal"
    : "";
  if (!because) return { kind: "refused", said };
  const where = error.cause instanceof Error ? error.cause.stack : error.stack;
  return { kind: "unclear", said: `${because}: ${said.slice(0, 500)}\n${where?.split("\n").slice(1, 6).join("\n")}` };
}

/** What a file's own names say is no fault of the sentence. */
function withoutQuotes(said: string): string {
  return said.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}
