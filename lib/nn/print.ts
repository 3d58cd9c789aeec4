import type { Module } from "./module.ts";

/** What Python prints for a float: `1e-05`, `0.1`, `1.0`. */
export function pythonFloat(value: number): string {
  if (Number.isInteger(value)) return `${value}.0`;
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** What Python prints for True and False. */
export function pythonBool(value: boolean): string {
  return value ? "True" : "False";
}

/** What Python prints for a size that may be one number or several, None among them. */
export function pythonSize(value: number | null | readonly (number | null)[]): string {
  if (value === null) return "None";
  return typeof value === "number" ? String(value) : `(${value.map(pythonSize).join(", ")})`;
}

/** Exactly what torch's `print(model)` writes. */
export function moduleText(module: Module): string {
  return withLines(module, module.namedChildren().map(([name, child]) => `(${name}): ${indent(String(child))}`));
}

/** torch writes equal neighbours in a ModuleList once: `(0-3): 4 x Linear(…)`. */
export function moduleListText(list: Module): string {
  const runs: { text: string; first: number; last: number }[] = [];
  list.children().forEach((child, i) => {
    const text = String(child);
    const run = runs.at(-1);
    if (run?.text === text) run.last = i;
    else runs.push({ text, first: i, last: i });
  });
  const lines = runs.map(({ text, first, last }) => {
    const label = first === last ? `(${first}): ` : `(${first}-${last}): ${last - first + 1} x `;
    return label + indent(text);
  });
  return withLines(list, lines);
}

function withLines(module: Module, children: string[]): string {
  const extra = module.extraRepr();
  const type = module.constructor.name;
  if (children.length === 0 && !extra.includes("\n")) return `${type}(${extra})`;
  const lines = [...(extra ? extra.split("\n") : []), ...children];
  return `${type}(\n  ${lines.join("\n  ")}\n)`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
