import { formatNumber, shortened } from "./format.ts";
import { bar, caption, mono, stateMark, title } from "./html_parts.ts";
import { css, type Html, html } from "./html_tag.ts";
import { ground, hairline, stateColors } from "./palette.ts";
import type { FreezeState, TreeNode, TreeSpec } from "./spec.ts";

const detailLength = 64;

/** A network as nested folds: what it is on the left; shape, share of the parameters and count on the right. */
export function treeHtml(spec: TreeSpec): Html {
  const whole = spec.root.parameters ?? 0;
  const box = css({ "max-width": "860px", "min-width": "480px" });
  return html`
    ${title(spec.title)}<div style="overflow-x:auto">
      <div style="${box}">${nodeHtml(spec.root, whole, 0)}</div>
    </div>${caption(spec.caption)}
  `;
}

function nodeHtml(node: TreeNode, whole: number, depth: number): Html {
  const children = node.children ?? [];
  const row = css({ padding: "2px 0", "border-bottom": `1px solid ${hairline}`, "white-space": "nowrap" });
  const label = html`${right(node, whole)}${left(node)}`;
  if (children.length === 0) return html`<div style="${row};padding-left:16px">${label}</div>`;
  const inner = children.map((child) => nodeHtml(child, whole, depth + 1));
  return html`
    <details${depth === 0 && html`
      open
    `} style="margin:0">
      <summary style="${row};cursor:pointer">${label}</summary>
      <div style="${css({ "padding-left": "18px" })}">${inner}</div>
      </details>
  `;
}

function left(node: TreeNode): Html {
  const name = node.name &&
    html`<span style="${css({ "font-weight": "600", "margin-right": "8px" })}">${node.name}</span>`;
  const detail = node.detail ?? "";
  const muted = css({ opacity: "0.6", "margin-left": "6px", "font-size": "11px" });
  const shown = shortened(detail, detailLength);
  const extra = detail && html`
    <span style="${muted}" ${shown !== detail && html`
      title="${detail}"
    `}>${shown}</span>
  `;
  const type = html`<span style="${css({ opacity: node.name ? "0.85" : "1" })}">${node.type}</span>`;
  return html`<span style="${css({ "font-family": mono, "font-size": "12px" })}">${name}${type}${extra}</span>`;
}

function right(node: TreeNode, whole: number): Html {
  const cell = { display: "inline-block", "text-align": "right", "font-variant-numeric": "tabular-nums" };
  const shape = node.shape &&
    html`<span style="${
      css({ ...cell, opacity: "0.6", "font-size": "11px", "margin-right": "12px" })
    }">${node.shape}</span>`;
  if (!node.parameters) {
    return html`<span style="${css({ float: "right", "margin-left": "16px" })}">${shape}<span style="${
      css({ ...cell, width: "170px", opacity: "0.4" })
    }">–</span></span>`;
  }
  const state = stateOf(node);
  const share = whole > 0 ? node.parameters / whole : 0;
  const count = css({ ...cell, width: "86px" });
  const mark = css({ color: stateColors[state], display: "inline-block", width: "18px", "text-align": "center" });
  const words = stateWords(node, state);
  return html`
    <span style="${css({ float: "right", "margin-left": "16px" })}"
      title="${words}">${shape}<span style="${mark}">${stateMark(state)}</span>${bar(
        share,
        stateColors[state],
        ground,
        "64px",
      )}<span style="${count}">${formatNumber(node.parameters, "integer")}</span></span>
  `;
}

function stateOf(node: TreeNode): FreezeState {
  if (node.trainable !== undefined && node.parameters) {
    return node.trainable === 0 ? "frozen" : node.trainable < node.parameters ? "partly" : "trainable";
  }
  return node.frozen ? "frozen" : "trainable";
}

function stateWords(node: TreeNode, state: FreezeState): string {
  const mode = node.training === undefined ? "" : node.training ? ", in training mode" : ", in evaluation mode";
  if (state !== "partly") return `${formatNumber(node.parameters ?? 0)} parameters, ${state}${mode}`;
  const trains = formatNumber(node.trainable ?? 0);
  return `${trains} of ${formatNumber(node.parameters ?? 0)} parameters train${mode}`;
}
