import { parse, type ParserOptions } from "@babel/parser";
import type { CodeCell } from "./notebook.ts";

/** A notebook as one TypeScript module, and the way back from its lines to cells. */
export interface NotebookModule {
  source: string;
  /** For each line of `source` (the first is index 0): the cell and the line in it, both counted from 1. */
  origins: (Origin | undefined)[];
}

export interface Origin {
  cell: number;
  line: number;
}

const OPTIONS: ParserOptions = { sourceType: "module", plugins: ["typescript", "explicitResourceManagement"] };

/**
 * Puts a notebook's cells into one module, so that a type checker sees what the kernel would run.
 *
 * The kernel lets a cell declare a name again (`const run = …` twice); a module does not. So a cell that does opens a
 * block that reaches to the module's end: from there on the new declaration hides the old one, as in the kernel.
 * Imports move to the module's top, each name once. Relative ones are resolved against the notebook's folder.
 *
 * @param folderUrl the notebook's folder, ending in `/`
 * @throws SyntaxError with cell and line when a cell is not TypeScript
 */
export function notebookModule(cells: readonly CodeCell[], folderUrl: URL): NotebookModule {
  const lines: string[] = [];
  const origins: (Origin | undefined)[] = [];
  const add = (line: string, origin?: Origin) => {
    lines.push(line);
    origins.push(origin);
  };
  const bodies: { cell: CodeCell; code: string; names: Set<string> }[] = [];
  const imported = new Map<string, string>(); // local name → where it is from
  for (const cell of cells) {
    const { names, imports } = parseCell(cell);
    let code = cell.code;
    for (const item of imports) {
      code = blank(code, item.start, item.end);
      const module = /^\.\.?\//.test(item.from) ? new URL(item.from, folderUrl).href : item.from;
      const origin = { cell: cell.number, line: item.line };
      if (item.bindings.length === 0) add(`import ${JSON.stringify(module)};`, origin);
      for (const { local, clause } of item.bindings) {
        const whole = `${clause} from ${JSON.stringify(module)}`;
        if (imported.get(local) === whole) continue;
        imported.set(local, whole); // a name imported anew from elsewhere is an error of the module: it is reported
        add(`import ${whole};`, origin);
      }
    }
    bodies.push({ cell, code, names });
  }

  const declared = new Set<string>(imported.keys());
  let blocks = 0;
  for (const { cell, code, names } of bodies) {
    if ([...names].some((name) => declared.has(name))) {
      add("{");
      blocks += 1;
    }
    names.forEach((name) => declared.add(name));
    code.split("\n").forEach((line, index) => add(line, { cell: cell.number, line: index + 1 }));
    add(";"); // a cell may end without one
  }
  if (blocks > 0) add("}".repeat(blocks));
  add("export {};"); // a module even without imports: `await` at the top
  return { source: lines.join("\n") + "\n", origins };
}

interface Import {
  from: string;
  start: number;
  end: number;
  line: number;
  bindings: { local: string; clause: string }[];
}

function parseCell(cell: CodeCell): { names: Set<string>; imports: Import[] } {
  const names = new Set<string>();
  const imports: Import[] = [];
  for (const statement of parseBody(cell)) {
    switch (statement.type) {
      case "ImportDeclaration":
        imports.push(importOf(statement));
        break;
      case "VariableDeclaration":
        for (const { id } of statement.declarations) addPatternNames(id, names);
        break;
      case "FunctionDeclaration":
      case "ClassDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
      case "TSEnumDeclaration":
        if (statement.id) names.add(statement.id.name);
    }
  }
  return { names, imports };
}

type Statement = ReturnType<typeof parse>["program"]["body"][number];
type ImportDeclaration = Extract<Statement, { type: "ImportDeclaration" }>;
type Pattern = Extract<Statement, { type: "VariableDeclaration" }>["declarations"][number]["id"];

function parseBody(cell: CodeCell): Statement[] {
  try {
    return parse(cell.code, OPTIONS).program.body;
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number } };
    throw new SyntaxError(`cell ${cell.number}, line ${loc?.line ?? 1}: ${message}`);
  }
}

function importOf(statement: ImportDeclaration): Import {
  const type = statement.importKind === "type" ? "type " : "";
  const bindings = statement.specifiers.map((specifier) => {
    const local = specifier.local.name;
    if (specifier.type === "ImportDefaultSpecifier") return { local, clause: `${type}${local}` };
    if (specifier.type === "ImportNamespaceSpecifier") return { local, clause: `${type}* as ${local}` };
    const { imported } = specifier;
    const name = imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
    const own = specifier.importKind === "type" ? "type " : "";
    return { local, clause: `${type}{ ${own}${name === local ? local : `${name} as ${local}`} }` };
  });
  return {
    from: statement.source.value,
    start: statement.start!,
    end: statement.end!,
    line: statement.loc!.start.line,
    bindings,
  };
}

/** The names that a declaration's left side declares: `x`, `{ a, b: [c] }`, `[d, ...e]`. */
function addPatternNames(pattern: Pattern | null, names: Set<string>): void {
  switch (pattern?.type) {
    case "Identifier":
      names.add(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        addPatternNames((property.type === "RestElement" ? property.argument : property.value) as Pattern, names);
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) addPatternNames(element as Pattern | null, names);
      break;
    case "AssignmentPattern":
      addPatternNames(pattern.left as Pattern, names);
      break;
    case "RestElement":
      addPatternNames(pattern.argument as Pattern, names);
  }
}

/** Blanks out a part of a text but keeps its lines, so that later lines keep their numbers. */
function blank(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ") + text.slice(end);
}
