import { Displayable, type Spec } from "../display/mod.ts";
import { refuseCalls } from "../weights/refuse_calls.ts";

/** An entry whose shape is not the network's. */
export interface ShapeMismatch {
  name: string;
  expected: readonly number[];
  found: readonly number[];
}

/** What {@linkcode Module.loadStateDict} did, by torch's names. */
export class LoadReport extends Displayable {
  /**
   * @param matched loaded
   * @param missing in the network but not in the state dict; left as they were
   * @param unexpected in the state dict but not in the network; ignored
   * @param mismatched in both with different shapes; left as they were
   * @param left in the state dict and passed over on purpose, such as the old head's values where there is a new head
   */
  constructor(
    readonly matched: readonly string[],
    readonly missing: readonly string[],
    readonly unexpected: readonly string[],
    readonly mismatched: readonly ShapeMismatch[],
    readonly left: readonly string[] = [],
  ) {
    super();
  }

  /** Whether every name and shape fitted, those aside that were passed over. */
  get complete(): boolean {
    return this.missing.length + this.unexpected.length + this.mismatched.length === 0;
  }

  override spec(): Spec {
    const loaded = `${this.matched.length} entries loaded`;
    if (this.complete && !this.left.length) return { kind: "text", text: `All ${loaded}`, tone: "good" };
    if (this.complete) {
      return { kind: "text", text: `${loaded}, ${this.left.length} left: ${this.left.join(", ")}`, tone: "good" };
    }
    const rows = [
      ...this.missing.map((name) => [name, { text: "missing", tone: "bad" as const }, "not in the state dict"]),
      ...this.unexpected.map((name) => [name, { text: "unexpected", tone: "bad" as const }, "not in the network"]),
      ...this.mismatched.map(({ name, expected, found }) => [
        name,
        { text: "mismatched", tone: "bad" as const },
        `expected ${shapeText(expected)}, found ${shapeText(found)}`,
      ]),
      ...this.left.map((name) => [name, { text: "left", tone: "muted" as const }, "passed over"]),
    ];
    return {
      kind: "table",
      title: `${loaded}, ${rows.length} not`,
      columns: [{ label: "name" }, { label: "" }, { label: "why" }],
      rows,
    };
  }
}

// `const cnn = model.loadStateDict(sd)` looks as if it returned the network.
refuseCalls(
  LoadReport,
  (method) =>
    `loadStateDict changes the network in place and returns this report; call ${method}() on the network itself`,
);

/** A shape as people write it: `[64, 3, 7, 7]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
