/**
 * thaw's side: `deno run -A bench/gpu/thaw_side.ts CASE`, where CASE is one of cases.ts as JSON, does what it is asked on
 * stdin; see answer.ts.
 */
import { answer, type Answers } from "./answer.ts";
import type { Case } from "./cases.ts";

/** A case loads what it needs itself: what breaks one leaves the others alone. */
async function answersTo(asked: Case): Promise<Answers> {
  switch (asked.kind) {
    case "facts":
      return (await import("./thaw/facts.ts")).facts();
    case "parity":
      return (await import("./thaw/parity.ts")).parity(asked);
    case "speed":
      return (await import("./thaw/speed.ts")).speed(asked);
    case "study":
      return (await import("./thaw/study.ts")).study(asked);
  }
}

await answer(await answersTo(JSON.parse(Deno.args[0])));
