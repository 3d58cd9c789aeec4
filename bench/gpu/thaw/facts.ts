import { engine } from "thaw";
import type { Answers } from "../answer.ts";

/** What computes here. */
export function facts(): Answers {
  return {
    run() {
      const { backend, device, version, gpu, card, cuda, noCard, threads } = engine();
      return { backend, device, version, gpu, card, cuda, noCard, threads };
    },
  };
}
