import type { Cell, TableSpec, TreeNode, TreeSpec } from "./spec.ts";
import { stateMarks } from "./text_marks.ts";
import { formatNumber } from "./format.ts";

/** A tree that has multiply-adds as a table: modules one under the other, indented by their depth. */
export function summaryTable({ title, root, caption }: TreeSpec): TableSpec {
  return {
    kind: "table",
    title,
    caption,
    columns: [
      { label: "module" },
      { label: "type" },
      { label: "output" },
      { label: "parameters", align: "right" },
      { label: "multiply-adds", align: "right" },
      { label: "trains" },
      { label: "mode" },
    ],
    rows: rows(root, 0),
  };
}

function rows(node: TreeNode, depth: number): Cell[][] {
  const { parameters = 0, trainable = parameters, multiplyAdds = 0 } = node;
  const own = [
    "  ".repeat(depth) + (node.name || "(all)"),
    node.type,
    node.shape ?? "not run",
    parameters || null,
    multiplyAdds ? formatNumber(multiplyAdds, "compact") : null,
    parameters ? trains(parameters, trainable) : node.frozen ? `${stateMarks.frozen} frozen` : null,
    node.training ? "train" : "eval",
  ];
  return [own, ...(node.children ?? []).flatMap((child) => rows(child, depth + 1))];
}

function trains(parameters: number, trainable: number): string {
  if (trainable === 0) return `${stateMarks.frozen} frozen`;
  return trainable < parameters ? `${stateMarks.partly} partly` : `${stateMarks.trainable} yes`;
}
