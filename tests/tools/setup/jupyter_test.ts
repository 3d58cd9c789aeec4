import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { jupyterStep } from "../../../tools/setup/jupyter.ts";
import { ProgressLine } from "../../../tools/setup/progress.ts";

/** Runs a test in a folder, and with no Jupyter on PATH but with Python. */
async function inFolder(test: (folder: string, requirements: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const requirements = join(folder, "requirements.txt");
  await Deno.writeTextFile(requirements, "# nothing\n"); // so that no test downloads anything
  try {
    await test(join(folder, ".venv"), requirements);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a .venv is made, and one that was interrupted is made anew", () =>
  inFolder(async (venv, requirements) => {
    await Deno.mkdir(join(venv, "lib"), { recursive: true });
    await Deno.writeTextFile(join(venv, "lib", "half-installed"), "");
    await Deno.writeTextFile(join(venv, "pyvenv.cfg"), "");
    await Deno.writeTextFile(join(venv, "thaw.json"), '{"finished":fal'); // and its marker was cut off
    assertEquals(await jupyterStep(venv, requirements).run(new ProgressLine()), venv);
    const names = [...Deno.readDirSync(venv)].map((entry) => entry.name);
    assertEquals(["pyvenv.cfg", "thaw.json", "tmp"].map((name) => names.includes(name)), [true, true, false]);
    await assertRejects(() => Deno.stat(join(venv, "lib", "half-installed")), Deno.errors.NotFound);
    const marker = JSON.parse(await Deno.readTextFile(join(venv, "thaw.json")));
    assertEquals(marker, { finished: true, requirements: "# nothing\n" });
  }));

Deno.test("somebody else's .venv is not touched", () =>
  inFolder(async (venv, requirements) => {
    await Deno.mkdir(venv);
    await Deno.writeTextFile(join(venv, "pyvenv.cfg"), "theirs");
    const run = () => jupyterStep(venv, requirements).run(new ProgressLine());
    const error = await assertRejects(run, Error, "or one that thaw made, found another's.");
    assertStringIncludes(error.message, "Install jupyterlab, nbclient, nbconvert");
    assertEquals(await Deno.readTextFile(join(venv, "pyvenv.cfg")), "theirs");
  }));

Deno.test("an installation that fails says what pip said, and is not taken for finished", () =>
  inFolder(async (venv, requirements) => {
    await Deno.writeTextFile(requirements, "./no-such-package\n");
    await assertRejects(
      () => jupyterStep(venv, requirements).run(new ProgressLine()),
      Error,
      "Cannot set up Jupyter: expected pip install to succeed, found exit code 1:",
    );
    assertEquals(JSON.parse(await Deno.readTextFile(join(venv, "thaw.json"))), { finished: false });
  }));
