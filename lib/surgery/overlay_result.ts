import { Displayable, formatNumber, type Spec, type Tone } from "../display/mod.ts";

/** What became of one entry of a network's state, or of a state dict's. */
export interface OverlayRow {
  name: string;
  /**
   * Copied whole; copied where both overlap; left alone for its shape; missing in the state dict; or unexpected, which means that
   * the network has no such entry.
   */
  outcome: "copied" | "partly" | "mismatched" | "missing" | "unexpected";
  /** The network's shape. */
  expected?: readonly number[];
  /** The state dict's. */
  found?: readonly number[];
  /** The share of the network's values that were copied, of an entry that was copied partly. */
  share?: number;
}

const tones: Record<OverlayRow["outcome"], Tone> = {
  copied: "good",
  partly: "accent",
  mismatched: "bad",
  missing: "bad",
  unexpected: "muted",
};

/** What an overlay did, entry by entry; displays as a table of all that was not simply copied. */
export class Overlay extends Displayable {
  constructor(
    /** The class of the network. */
    readonly network: string,
    /** In the network's order, then what only the state dict has. */
    readonly rows: readonly OverlayRow[],
  ) {
    super();
  }

  /** The names of what came out so, in order. */
  names(outcome: OverlayRow["outcome"]): string[] {
    return this.rows.filter((row) => row.outcome === outcome).map(({ name }) => name);
  }

  override spec(): Spec {
    const outcomes = Object.keys(tones) as OverlayRow["outcome"][];
    const counts = outcomes.map((outcome) => [outcome, this.names(outcome).length] as const)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", ");
    const title = `State dict laid over ${this.network}: ${counts || "nothing to copy"}`;
    const shown = this.rows.filter(({ outcome }) => outcome !== "copied");
    if (shown.length === 0) return { kind: "text", text: title, tone: "good" };
    return {
      kind: "table",
      title,
      columns: [{ label: "name" }, { label: "" }, { label: "network" }, { label: "state dict" }, { label: "copied" }],
      rows: shown.map(({ name, outcome, expected, found, share }) => [
        name,
        { text: outcome, tone: tones[outcome] },
        shapeText(expected),
        shapeText(found),
        share === undefined ? null : formatNumber(share, "percent"),
      ]),
    };
  }
}

function shapeText(shape: readonly number[] | undefined): string | null {
  return shape ? `[${shape.join(", ")}]` : null;
}
