import { formatNumber, shortened } from "./format.ts";
import { bar, caption, evenDigits, mono, stateMark, title } from "./html_parts.ts";
import { type Child, element, type Markup, type Style } from "./markup.ts";
import { ground, hairline, line, stateColors } from "./palette.ts";
import type { FreezeState, TreeNode, TreeSpec } from "./spec.ts";

const detailLength = 64;

const multiplyAddsWidth = "100px";

/** A network as nested folds: what it is on the left; shape, share of the parameters and count on the right. */
export function treeHtml(spec: TreeSpec): Child {
  const counted = spec.root.multiplyAdds !== undefined;
  const box = element(
    "div",
    { "max-width": counted ? "960px" : "860px", "min-width": counted ? "760px" : "480px" },
    {},
    counted && headings(),
    nodeHtml(spec.root, spec.root.parameters ?? 0, true),
  );
  return [title(spec.title), element("div", { "overflow-x": "auto" }, {}, box), caption(spec.caption)];
}

function nodeHtml(node: TreeNode, whole: number, open: boolean): Markup {
  const row = { padding: "2px 0", "border-bottom": `1px solid ${hairline}`, "white-space": "nowrap" };
  const label = [right(node, whole), left(node)];
  // a leaf starts where the names of those with a fold's arrow do
  if (!node.children?.length) return element("div", { ...row, "padding-left": "16px" }, {}, label);
  const children = node.children.map((child) => nodeHtml(child, whole, false));
  return element(
    "details",
    { margin: "0" },
    { open },
    element("summary", { ...row, cursor: "pointer" }, {}, label),
    element("div", { "padding-left": "18px" }, {}, children),
  );
}

/** What the columns of a summary are. */
function headings(): Markup {
  const row = { height: "20px", "border-bottom": `1px solid ${line}`, "font-size": "12px", "font-weight": "600" };
  const cell = (width: string, text: string) =>
    element("span", { display: "inline-block", "text-align": "right", width }, {}, text);
  const cells = [
    cell("150px", "output"),
    cell("44px", "mode"),
    cell("168px", "parameters"),
    cell(multiplyAddsWidth, "multiply-adds"),
  ];
  return element("div", { ...row, opacity: "0.75" }, {}, element("span", { float: "right" }, {}, cells), "module");
}

function left(node: TreeNode): Markup {
  const name = element("span", { "font-weight": "600", "margin-right": "8px" }, {}, node.name);
  const type = element("span", { opacity: node.name ? "0.85" : undefined }, {}, node.type);
  const detail = node.detail && element(
    "span",
    { opacity: "0.6", "margin-left": "6px", "font-size": "11px" },
    { title: node.detail },
    shortened(node.detail, detailLength),
  );
  return element("span", { "font-family": mono, "font-size": "12px" }, {}, node.name && name, type, detail);
}

function right(node: TreeNode, whole: number): Markup {
  const cell = { display: "inline-block", "text-align": "right", ...evenDigits };
  const outer = { float: "right", "margin-left": "16px" };
  const counted = node.multiplyAdds !== undefined;
  const quiet = { ...cell, opacity: "0.6", "font-size": "11px" };
  const output = counted ? { ...quiet, width: "150px" } : { ...quiet, "margin-right": "12px" };
  const shape = (counted || node.shape) && element("span", output, {}, node.shape ?? "not run");
  const mode = counted && element("span", { ...quiet, width: "44px" }, {}, node.training ? "train" : "eval");
  const work = counted && multiplyAdds(node.multiplyAdds!, cell);
  if (!node.parameters) {
    const none = element("span", { ...cell, width: counted ? "168px" : "170px", opacity: "0.4" }, {}, "–");
    return element("span", outer, {}, shape, mode, none, work);
  }
  const state = stateOf(node);
  const color = stateColors[state];
  return element(
    "span",
    outer,
    { title: stateWords(node, node.parameters, state) },
    shape,
    mode,
    element("span", { color, display: "inline-block", width: "18px", "text-align": "center" }, {}, stateMark(state)),
    bar(whole > 0 ? node.parameters / whole : 0, color, ground, "64px"),
    element("span", { ...cell, width: "86px" }, {}, formatNumber(node.parameters, "integer")),
    work,
  );
}

function multiplyAdds(count: number, cell: Style): Markup {
  const words = count ? { title: `${formatNumber(count, "integer")} multiply-adds` } : {};
  const text = count ? formatNumber(count, "compact") : "–";
  return element("span", { ...cell, width: multiplyAddsWidth, opacity: count ? "1" : "0.4" }, words, text);
}

function stateOf(node: TreeNode): FreezeState {
  if (node.trainable === undefined || !node.parameters) return node.frozen ? "frozen" : "trainable";
  if (node.trainable === 0) return "frozen";
  return node.trainable < node.parameters ? "partly" : "trainable";
}

function stateWords(node: TreeNode, parameters: number, state: FreezeState): string {
  const mode = node.training === undefined ? "" : node.training ? ", in training mode" : ", in evaluation mode";
  const count = formatNumber(parameters, "integer");
  if (state !== "partly") return `${count} parameters, ${state}${mode}`;
  return `${formatNumber(node.trainable ?? 0, "integer")} of ${count} parameters train${mode}`;
}
