import { Displayable, type Spec } from "../display/mod.ts";
import { type Precision, precision } from "./precision.ts";
import type { RungFacts, RungName } from "./rung.ts";
import type { Card } from "./tensorflow/gpu/driver.ts";
import type { CudaVersions } from "./tensorflow/gpu/versions.ts";
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
  /** What it computes in at the moment; see {@linkcode usePrecision}. */
  declare readonly precision: Precision;
  /** The card that computes: its name, its memory, and what NVIDIA calls its compute capability. */
  readonly card?: Card;
  /** The versions of NVIDIA's driver and libraries, where they compute. */
  readonly cuda?: CudaVersions;
  /** Why no GPU computes, where that can be told. */
  readonly noCard?: string;
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
    Object.defineProperty(this, "precision", { get: precision, enumerable: true });
    this.card = facts.card;
    this.cuda = facts.cuda;
    this.noCard = facts.noCard;
    this.rungs = rungs;
    this.misses = misses;
  }

  override spec(): Spec {
    const facts = [
      ["device", `${this.device}${this.gpu ? "" : " (no GPU)"}`],
      ...this.card ? [["card", describeCard(this.card)]] : [],
      ...this.cuda ? [["CUDA", describeVersions(this.cuda)]] : [],
      ...this.noCard ? [["GPU", this.noCard]] : [],
      ["version", this.version],
      ["library", this.library ?? "comes with tfjs"],
      ["threads", String(this.threads)],
      ["precision", this.precision === "tf32" && !this.gpu ? "tf32, which is float32 without a card" : this.precision],
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

function describeCard({ name, memoryBytes, computeCapability }: Card): string {
  return `${name}, ${(memoryBytes / 1024 ** 3).toFixed(1)} GiB, compute capability ${computeCapability}`;
}

function describeVersions({ driver, runtime, cublas, cudnn }: CudaVersions): string {
  const parts = [["driver", driver], ["runtime", runtime], ["cuBLAS", cublas], ["cuDNN", cudnn]];
  return parts.filter(([, version]) => version).map((part) => part.join(" ")).join(", ");
}
