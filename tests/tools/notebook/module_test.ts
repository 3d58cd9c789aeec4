import { assertEquals, assertThrows } from "@std/assert";
import { notebookModule } from "../../../tools/notebook/module.ts";
import { codeCells } from "../../../tools/notebook/notebook.ts";
import { makeNotebook } from "./fixture.ts";

const FOLDER = new URL("file:///project/notebooks/");
const moduleOf = (...cells: string[]) => notebookModule(codeCells(makeNotebook(cells)), FOLDER);

Deno.test("cells become one module whose lines are known by cell", () => {
  const { source, origins } = moduleOf("const a = 1;\na", "", "a + 1");
  assertEquals(source, "const a = 1;\na\n;\na + 1\n;\nexport {};\n");
  assertEquals(origins, [
    { cell: 1, line: 1 },
    { cell: 1, line: 2 },
    undefined,
    { cell: 2, line: 1 },
    undefined,
    undefined,
  ]);
});

Deno.test("a cell that declares a name again opens a block to the end", () => {
  const { source } = moduleOf(
    "const { a, b: [c] } = x;",
    "function f() {}\nclass G {}",
    "const c = 2;",
    "const own = 1;",
    "let f = 3;",
  );
  assertEquals(
    source,
    "const { a, b: [c] } = x;\n;\nfunction f() {}\nclass G {}\n;\n" +
      "{\nconst c = 2;\n;\nconst own = 1;\n;\n{\nlet f = 3;\n;\n}}\nexport {};\n",
  );
});

Deno.test("imports move to the top, each name once; relative ones are the notebook's", () => {
  const { source, origins } = moduleOf(
    `import { nn, models as zoo } from "thaw";\nzoo;`,
    `import { nn } from "thaw";\nimport help, * as all from "./help.ts";\nimport type { T } from "../t.ts";\nimport "x";\nnn;`,
  );
  assertEquals(source.split("\n").slice(0, 6), [
    `import { nn } from "thaw";`,
    `import { models as zoo } from "thaw";`,
    `import help from "file:///project/notebooks/help.ts";`,
    `import * as all from "file:///project/notebooks/help.ts";`,
    `import type { T } from "file:///project/t.ts";`,
    `import "x";`,
  ]);
  assertEquals(origins[2], { cell: 2, line: 2 });
  const lines = source.split("\n");
  assertEquals(lines.indexOf("nn;") >= 0 && origins[lines.indexOf("nn;")], { cell: 2, line: 5 });
});

Deno.test("a cell may hide what was imported", () => {
  assertEquals(
    moduleOf(`import { data } from "thaw";`, "const data = 1;").source.replaceAll(/ {2,}/g, ""),
    `import { data } from "thaw";\n\n;\n{\nconst data = 1;\n;\n}\nexport {};\n`,
  );
});

Deno.test("a cell that is not TypeScript is named with its line", () => {
  assertThrows(() => moduleOf("1", "const a = 1;\nconst = 2;"), SyntaxError, "cell 2, line 2: Unexpected token");
  assertThrows(() => moduleOf("const a = 1;\nconst a = 2;"), SyntaxError, "cell 1, line 2: Identifier 'a' has already");
});
