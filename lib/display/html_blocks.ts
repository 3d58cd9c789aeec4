import { formatNumber, shortened } from "./format.ts";
import { caption, mono, stateMark, title } from "./html_parts.ts";
import { css, type Html, html } from "./html_tag.ts";
import { faded, stateColors } from "./palette.ts";
import type { Block, BlocksSpec, FreezeState } from "./spec.ts";

/** A freeze map: a row of blocks from input to output, and below it how much is frozen and how much trains. */
export function blocksHtml(spec: BlocksSpec): Html {
  const whole = spec.blocks.reduce((sum, block) => sum + block.parameters, 0);
  const row = css({ display: "flex", gap: "3px", "flex-wrap": "wrap", "max-width": "860px" });
  const blocks = spec.blocks.map((block) => blockHtml(block, whole));
  return html`${title(spec.title)}<div style="${row}">${blocks}</div>${legend(spec.blocks, whole)}${
    caption(spec.caption)
  }`;
}

function blockHtml(block: Block, whole: number): Html {
  const share = whole > 0 ? block.parameters / whole : 1 / 8;
  const color = stateColors[block.state];
  // a stage that trains in part is filled as far as it does
  const part = block.state === "partly" ? (block.trainable ?? 0) / Math.max(1, block.parameters) : 1;
  const fill = `${Math.max(4, Math.round(100 * part))}%`;
  const box = css({
    flex: `${Math.max(1, Math.round(1000 * share))} 1 58px`,
    "min-width": "58px",
    border: `1px solid ${faded(color, 0.7)}`,
    "border-radius": "5px",
    background: faded(stateColors[block.state === "partly" ? "frozen" : block.state], 0.18),
    overflow: "hidden",
    "text-align": "center",
    "font-size": "11px",
    "line-height": "1.45",
  });
  const count = formatNumber(block.parameters, "compact");
  const name = shortened(block.name, 18);
  return html`
    <div style="${box}" title="${words(block)}">
      <div style="${css({ height: "5px", width: fill, background: color })}"></div>
      <div style="${css({ padding: "3px 4px 4px 4px", "white-space": "nowrap" })}">
        <div style="${css({ "font-family": mono, "font-weight": "600" })}">${name}</div>
        <div style="${css({ opacity: "0.8" })}"><span style="${css({ color })}">${stateMark(
          block.state,
        )}</span> ${count}</div>
      </div>
    </div>
  `;
}

function words(block: Block): string {
  const type = block.type ? ` (${block.type})` : "";
  const trains = block.state === "partly" ? `, ${formatNumber(block.trainable ?? 0)} train` : "";
  const detail = block.detail ? `; ${block.detail}` : "";
  return `${block.name}${type}: ${block.state}, ${formatNumber(block.parameters)} parameters${trains}${detail}`;
}

function legend(blocks: readonly Block[], whole: number): Html {
  const trains = blocks.reduce((sum, block) => sum + trainable(block), 0);
  const entry = (state: FreezeState, label: string, count: number) =>
    html`<span style="${css({ "margin-right": "16px" })}"><span style="${css({ color: stateColors[state] })}">${
      stateMark(state)
    }</span> ${label} ${formatNumber(count, "integer")} (${
      formatNumber(whole > 0 ? count / whole : 0, "percent")
    })</span>`;
  return html`<div style="${css({ "font-size": "12px", margin: "5px 0 0 0" })}">${
    entry("frozen", "frozen", whole - trains)
  }${entry("trainable", "trainable", trains)}</div>`;
}

function trainable(block: Block): number {
  return block.trainable ?? (block.state === "frozen" ? 0 : block.parameters);
}
