import { assertEquals, assertStringIncludes } from "@std/assert";
import { cellErrors, typeCheckNotebook } from "../../../tools/notebook/type_check.ts";
import { writeNotebook } from "./fixture.ts";

async function check(...cells: string[]): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    return await typeCheckNotebook(await writeNotebook(folder, cells));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a notebook that says `thaw`, awaits at the top and declares names again is good", async () => {
  assertEquals(
    await check(
      `import { cacheDir } from "thaw";\nconst folder: string = cacheDir("x");\nfolder`,
      `import { cacheDir } from "thaw";\nconst folder = await Promise.resolve(cacheDir().length);\nfolder + 1`,
      `const { log } = Math;\nlog(folder)`,
    ),
    [],
  );
});

Deno.test("errors of types are told with cell and line", async () => {
  const errors = await check(
    "const x = 1;",
    `// a comment\nconst y: string = x;`,
    `import { noSuchThing } from "thaw";\nnoSuchThing`,
  );
  assertEquals(errors.length, 2);
  const text = errors.join("\n");
  assertStringIncludes(text, "fixture.ipynb, cell 2, line 2: TS2322 [ERROR]: Type 'number' is not assignable to type");
  assertStringIncludes(text, "fixture.ipynb, cell 3, line 1: TS2305 [ERROR]: Module");
});

Deno.test("a single error is told too, and one in a file that a cell imports with its own place", () => {
  const report = `Check file:///p/out/check/a.ts
TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.
const y: string = x;
      ^
    at file:///p/out/check/a.ts:3:7

TS2304 [ERROR]: Cannot find name 'z'.
z;
^
    at file:///p/lib/b.ts:9:1

Found 2 errors.
`;
  const origins = [undefined, undefined, { cell: 2, line: 1 }];
  assertEquals(cellErrors(report, "file:///p/out/check/a.ts", origins), [
    "cell 2, line 1: TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.\n  const y: string = x;\n        ^",
    "file:///p/lib/b.ts:9: TS2304 [ERROR]: Cannot find name 'z'.\n  z;\n  ^",
  ]);
});

Deno.test("an import that cannot be resolved is told with its cell", async () => {
  const errors = await check("1", `import { a } from "./missing.ts";\na`);
  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0], "missing.ts");
});
