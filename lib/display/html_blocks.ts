import { formatNumber, shortened } from "./format.ts";
import { caption, mono, stateMark, title } from "./html_parts.ts";
import { type Child, element, type Markup } from "./markup.ts";
import { faded, stateColors } from "./palette.ts";
import type { Block, BlocksSpec, FreezeState } from "./spec.ts";

/** A freeze map: a row of blocks from input to output, and below it how much is frozen and how much trains. */
export function blocksHtml(spec: BlocksSpec): Child {
  const whole = spec.blocks.reduce((sum, block) => sum + block.parameters, 0);
  const row = { display: "flex", gap: "3px", "flex-wrap": "wrap", "max-width": "860px" };
  return [
    title(spec.title),
    element("div", row, {}, spec.blocks.map((block) => blockHtml(block, whole))),
    legend(spec.blocks, whole),
    caption(spec.caption),
  ];
}

function blockHtml(block: Block, whole: number): Markup {
  const color = stateColors[block.state];
  const share = whole > 0 ? block.parameters / whole : 0;
  const name = shortened(block.name, 18);
  const width = `${Math.max(58, 7 * name.length + 10)}px`; // room for the name in a monospaced face of 11 px
  const box = {
    flex: `${Math.max(1, Math.round(1000 * share))} 1 ${width}`,
    "min-width": width,
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
      element("div", { "font-family": mono, "font-weight": "600" }, {}, name),
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
