import { Displayable, type Spec } from "../display/mod.ts";
import type { RungFacts, RungName } from "./rung.ts";
import type { Miss } from "./tensorflow/library.ts";

/** How a rung of the ladder fared. */
export interface RungReport {
  name: RungName;
  /** Whether it is the one that computes. */
  taken: boolean;
  /** Why it is, or is not. */
  reason: string;
}

/**
 * What computes here, and why not something faster; see {@linkcode engine}. A table in a notebook and as text, plain
 * data in JSON.
 *
 * @example
 * ```ts
 * import { engine } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const taken = engine().rungs.filter((rung) => rung.taken);
 * assertEquals(taken.map(({ name }) => name), [engine().backend]);
 * ```
 */
export class EngineReport extends Displayable {
  /** The rung that computes: tfjs's name for its backend. */
  readonly backend: RungName;
  /** What it computes on, such as `CPU:0` or `GPU:0`. */
  readonly device: string;
  /** The version of the library that computes. */
  readonly version: string;
  /** The path of that library; none where it comes with tfjs. */
  readonly library?: string;
  /** How many threads one operation uses at most. */
  readonly threads: number;
  readonly gpu: boolean;
  /** Every rung, best first. */
  readonly rungs: readonly RungReport[];
  /** The places without libtensorflow that were looked at, and why nothing was taken there. */
  readonly misses: readonly Miss[];

  constructor(backend: RungName, facts: RungFacts, rungs: readonly RungReport[], misses: readonly Miss[]) {
    super();
    this.backend = backend;
    this.device = facts.device;
    this.version = facts.version;
    this.library = facts.library;
    this.threads = facts.threads;
    this.gpu = facts.gpu;
    this.rungs = rungs;
    this.misses = misses;
  }

  override spec(): Spec {
    const facts = [
      ["device", `${this.device}${this.gpu ? "" : " (no GPU)"}`],
      ["version", this.version],
      ["library", this.library ?? "comes with tfjs"],
      ["threads", String(this.threads)],
    ];
    const rungs = this.rungs.map(({ name, taken, reason }) => [
      { text: name, tone: taken ? "good" as const : "muted" as const },
      reason,
    ]);
    const misses = this.misses.map(({ place, reason }) => [{ text: place, tone: "muted" as const }, reason]);
    return {
      kind: "table",
      title: `thaw computes on ${this.backend}`,
      columns: [{ label: "" }, { label: "" }],
      rows: [...facts, ...rungs, ...misses],
      groups: [
        { label: "engine", rows: facts.length, open: true },
        { label: "rungs", rows: rungs.length, open: true },
        ...misses.length ? [{ label: "libtensorflow was not taken from", rows: misses.length, open: true }] : [],
      ],
    };
  }
}
