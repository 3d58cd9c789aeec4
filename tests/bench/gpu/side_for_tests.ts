/** A side that does as its argument says: `{ "prepare": "ready" | "fail" | "die" | "hang" | "short", … }`. */
import { answer } from "../../../bench/gpu/answer.ts";

const { name, log, short, ...does } = JSON.parse(Deno.args[0]) as Record<string, string>;

let asked = 0;

/** What an answer does, and a line in the log that all sides share. */
function act(question: string): unknown {
  if (log) Deno.writeTextFileSync(log, `${name} ${question}\n`, { append: true });
  const deed = does[question];
  if (deed === "fail") throw new Error("it cannot be done");
  if (deed === "die") {
    console.error("something to read");
    Deno.exit(3);
  }
  if (deed === "hang") return new Promise(() => setInterval(() => {}, 1000));
  // two sides at once need more memory than there is: whoever comes second finds too little
  if (short && question === "prepare") {
    try {
      Deno.writeTextFileSync(short, name, { createNew: true });
      addEventListener("unload", () => Deno.removeSync(short));
    } catch {
      throw new Error("CUDA out of memory. Tried to allocate 2.00 GiB");
    }
  }
  console.log("a library's own line");
  if (question === "prepare") return { memoryBytes: 100 };
  const counts = name === "thaw" ? { ops: 7, betweenOps: 1 / ++asked, reads: 0, uploads: 0 } : undefined;
  return { seconds: Number(deed), latency: 2 * Number(deed), dispatch: 0.25, passes: 4, counts };
}

await answer(Object.fromEntries(["prepare", "forward", "step"].map((question) => [question, () => act(question)])));
