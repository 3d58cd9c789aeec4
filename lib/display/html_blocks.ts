import { formatNumber, shortened } from "./format.ts";
import { caption, mono, stateMark, title } from "./html_parts.ts";
import { type Child, element, type Markup } from "./markup.ts";
import { faded, stateColors } from "./palette.ts";
import type { Block, BlocksSpec, FreezeState } from "./spec.ts";

/** The row's width and the space between blocks, in pixels, and the longest name that is shown whole. */
const WIDTH = 860, GAP = 3, LONGEST = 18;

/** A freeze map: a row of blocks from input to output, and below it how much is frozen and how much trains. */
export function blocksHtml(spec: BlocksSpec): Child {
  const whole = spec.blocks.reduce((sum, block) => sum + block.parameters, 0);
  const row = { display: "flex", gap: `${GAP}px`, "flex-wrap": "wrap", "max-width": `${WIDTH}px` };
  // Each block has room for its name; what is left of the row goes to them by their share of the parameters.
  const room = spec.blocks.map(({ name }) => Math.max(52, Math.ceil(6.1 * shortened(name, LONGEST).length) + 10));
  const left = Math.max(0, WIDTH - room.reduce((sum, width) => sum + width + GAP, 0));
  const blocks = spec.blocks.map((block, i) =>
    blockHtml(block, room[i] + left * (whole ? block.parameters / whole : 0))
  );
  return [
    title(spec.title),
    element("div", row, {}, blocks),
    legend(spec.blocks, whole),
    caption(spec.caption),
  ];
}

function blockHtml(block: Block, width: number): Markup {
  const color = stateColors[block.state];
  const box = {
    flex: `0 0 ${Math.floor(width) - 2}px`, // its border is another pixel on each side
    border: `1px solid ${faded(color, 0.7)}`,
    "border-radius": "5px",
    background: faded(block.state === "partly" ? stateColors.frozen : color, 0.18),
    overflow: "hidden",
    "text-align": "center",
    "font-size": "11px",
    "line-height": "1.45",
  };
  // the strip over a block that trains in part is as long as that part
  const part = block.state === "partly" ? trainable(block) / Math.max(1, block.parameters) : 1;
  const strip = { height: "5px", width: `${Math.max(4, Math.round(100 * part))}%`, background: color };
  const mark = element("span", { color }, {}, stateMark(block.state));
  const count = formatNumber(block.parameters, "compact");
  return element(
    "div",
    box,
    { title: words(block) },
    element("div", strip),
    element(
      "div",
      { padding: "3px 4px 4px 4px", "white-space": "nowrap" },
      {},
      element(
        "div",
        { "font-family": mono, "font-weight": "600", "font-size": "10px" },
        {},
        shortened(block.name, LONGEST),
      ),
      element("div", { opacity: "0.8" }, {}, mark, ` ${count}`),
    ),
  );
}

function words(block: Block): string {
  const type = block.type ? ` (${block.type})` : "";
  const trains = block.state === "partly" ? `, ${formatNumber(trainable(block), "integer")} train` : "";
  const detail = block.detail ? `; ${block.detail}` : "";
  return `${block.name}${type}: ${block.state}, ${
    formatNumber(block.parameters, "integer")
  } parameters${trains}${detail}`;
}

function legend(blocks: readonly Block[], whole: number): Markup {
  const trains = blocks.reduce((sum, block) => sum + trainable(block), 0);
  const entry = (state: FreezeState, count: number) => {
    const share = formatNumber(whole > 0 ? count / whole : 0, "percent");
    const mark = element("span", { color: stateColors[state] }, {}, stateMark(state));
    const label = ` ${state} ${formatNumber(count, "integer")} (${share})`;
    return element("span", { "margin-right": "16px" }, {}, mark, label);
  };
  const style = { "font-size": "12px", margin: "5px 0 0 0" };
  return element("div", style, {}, entry("frozen", whole - trains), entry("trainable", trains));
}

function trainable(block: Block): number {
  return block.trainable ?? (block.state === "frozen" ? 0 : block.parameters);
}
