import { assert, assertEquals, assertRejects } from "@std/assert";
import { compareVersions, needPython, runPython } from "../../../tools/setup/python.ts";
import { interpreterOf } from "../../../tools/setup/jupyter.ts";

Deno.test("versions are compared by their numbers", () => {
  assert(compareVersions("3.9.18", "3.10") < 0);
  assert(compareVersions("3.11.7", "3.10") > 0);
  assertEquals(compareVersions("3.10", "3.10.0"), 0);
});

Deno.test("a Python that is too old is named with what is expected", async () => {
  await assertRejects(
    () => needPython("3.99", "do it"),
    Error,
    "Cannot do it: expected Python 3.99 or newer, found 3.",
  );
});

Deno.test("Jupyter's Python is read from its script", () => {
  assertEquals(interpreterOf("#!/opt/venv/bin/python3.11\nimport sys"), ["/opt/venv/bin/python3.11"]);
  assertEquals(interpreterOf(`#!/bin/sh\n'''exec' "/long path/bin/python" "$0" "$@"\n' '''`), [
    "/long path/bin/python",
  ]);
  assertEquals(interpreterOf("#!/usr/bin/env bash\nexec pyenv"), []);
});

Deno.test("a Python program is ended when the process that started it is killed", async () => {
  const { command } = await needPython("3.7", "test set-up");
  const folder = await Deno.makeTempDir();
  const beat = `${folder}/beat`;
  const program = `${folder}/program.py`;
  await Deno.writeTextFile(
    program,
    `import time\nwhile True:\n  open(${JSON.stringify(beat)}, "a").write("x")\n  time.sleep(0.05)\n`,
  );
  const python = new URL("../../../tools/setup/python.ts", import.meta.url).href;
  const starter = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { runPython } from ${JSON.stringify(python)}; await runPython(${JSON.stringify(command)}, [${
        JSON.stringify(program)
      }]);`,
    ],
    stdin: "null",
  }).spawn();
  const size = () => Deno.stat(beat).then((info) => info.size, () => 0);
  const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
  for (let i = 0; i < 200 && await size() === 0; i++) await wait(50);
  assert(await size() > 0, "the program did not start");
  starter.kill("SIGKILL");
  await starter.status;
  await wait(500);
  const then = await size();
  await wait(500);
  assertEquals(await size(), then, "the program went on after its starter was killed");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a Python program's output and exit code come back, lines as they are printed", async () => {
  const { command } = await needPython("3.7", "test set-up");
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/p.py`, `import sys\nprint("one")\nprint(sys.argv[1])\nsys.exit(3)\n`);
  const lines: string[] = [];
  const { code, stdout } = await runPython(command, [`${folder}/p.py`, "zwei"], { onLine: (line) => lines.push(line) });
  assertEquals([code, stdout.replaceAll("\r", ""), lines.map((line) => line.trim())], [3, "one\nzwei\n", [
    "one",
    "zwei",
  ]]);
  await Deno.remove(folder, { recursive: true });
});
