import { Displayable, type Spec } from "../display/mod.ts";

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
   */
  constructor(
    readonly matched: readonly string[],
    readonly missing: readonly string[],
    readonly unexpected: readonly string[],
    readonly mismatched: readonly ShapeMismatch[],
  ) {
    super();
  }

  /** Whether every name and shape fitted. */
  get complete(): boolean {
    return this.missing.length + this.unexpected.length + this.mismatched.length === 0;
  }

  override spec(): Spec {
    if (this.complete) return { kind: "text", text: `All ${this.matched.length} entries loaded`, tone: "good" };
    const rows = [
      ...this.missing.map((name) => [name, { text: "missing", tone: "bad" as const }, "not in the state dict"]),
      ...this.unexpected.map((name) => [name, { text: "unexpected", tone: "bad" as const }, "not in the network"]),
      ...this.mismatched.map(({ name, expected, found }) => [
        name,
        { text: "mismatched", tone: "bad" as const },
        `expected ${shapeText(expected)}, found ${shapeText(found)}`,
      ]),
    ];
    return {
      kind: "table",
      title: `${this.matched.length} entries loaded, ${rows.length} not`,
      columns: [{ label: "name" }, { label: "" }, { label: "why" }],
      rows,
    };
  }
}

// `const cnn = model.loadStateDict(sd)` looks as if it returned the network. The type has no such methods, so that
// type-checking refuses `cnn.eval()`; where nothing checks types, as in a notebook, the call itself says what went wrong.
for (const method of ["forward", "eval", "train", "predict"]) {
  Object.defineProperty(LoadReport.prototype, method, {
    enumerable: false,
    value: () => {
      throw new TypeError(
        `Cannot call ${method}() on a LoadReport: loadStateDict changes the network in place and returns this report; ` +
          `call ${method}() on the network itself`,
      );
    },
  });
}

/** A shape as people write it: `[64, 3, 7, 7]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
