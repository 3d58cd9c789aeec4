import { assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "node:path";
import { ProgressLine } from "../../../tools/setup/progress.ts";
import { findPython } from "../../../tools/setup/python.ts";
import { rayOf, rayStep } from "../../../tools/setup/ray.ts";
import { venvPython } from "../../../tools/setup/venv.ts";

/** Runs a test in a folder, with the path of a virtual environment to be and its requirements. */
async function inFolder(test: (venv: string, requirements: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const requirements = join(folder, "requirements.txt");
  await Deno.writeTextFile(requirements, "ray[default]==0\n");
  await test(join(folder, "ray"), requirements);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("Ray counts as set up where it is finished, of the wanted version, and runs", () =>
  inFolder(async (venv, requirements) => {
    const step = rayStep(venv, requirements);
    assertEquals(await step.done(), undefined);
    const python = venvPython(venv);
    await Deno.mkdir(dirname(python), { recursive: true });
    await Deno.writeTextFile(python, '#!/bin/sh\necho "9.8.7"\n', { mode: 0o755 });
    const mark = (marker: unknown) => Deno.writeTextFile(join(venv, "thaw.json"), JSON.stringify(marker));
    for (const had of [{ finished: false }, { finished: true, requirements: "ray[default]==1\n" }]) {
      await mark(had);
      assertEquals(await step.done(), undefined);
    }
    await mark({ finished: true, requirements: "ray[default]==0\n" });
    assertEquals(await step.done(), `9.8.7, ${venv}`);
    await Deno.writeTextFile(python, "#!/bin/sh\nexit 1\n");
    assertEquals(await step.done(), undefined);
  }));

Deno.test("somebody else's virtual environment is not touched for Ray", () =>
  inFolder(async (venv, requirements) => {
    await Deno.mkdir(venv);
    await Deno.writeTextFile(join(venv, "pyvenv.cfg"), "theirs");
    await assertRejects(
      () => rayStep(venv, requirements).run(new ProgressLine()),
      Error,
      `Cannot set up Ray: expected no ${venv} or one that thaw made, found another's. Move it away, or name a Python that ` +
        "has ray[default] with --python.",
    );
    assertEquals(await Deno.readTextFile(join(venv, "pyvenv.cfg")), "theirs");
  }));

Deno.test("a Python without Ray, or none, has no version of it", async () => {
  assertEquals(await rayOf("no-such-python"), undefined);
  const python = await findPython();
  if (python) assertEquals(await rayOf(python.command), undefined);
});
