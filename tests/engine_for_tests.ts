/** The engines that the tests compare: the ladder's first, which importing it has started, and tfjs's own cpu backend. */
import { engine } from "../lib/engine/mod.ts";

/** The engines that there are, the one in use first. */
export const engines: readonly string[] = [engine().backend, "cpu"];
