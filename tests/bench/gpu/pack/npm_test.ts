import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyFolder, copyNpmPackages } from "../../../../bench/gpu/pack/npm.ts";
import { withFolder } from "../../../folders.ts";

Deno.test("a folder is copied with what is wanted of it", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "a", "b"), { recursive: true });
    for (const path of ["a/x.js", "a/x.js.map", "a/b/y.js"]) await Deno.writeTextFile(join(folder, path), path);
    await copyFolder(join(folder, "a"), join(folder, "c"), (path) => !path.endsWith(".map"));
    assertEquals(await Deno.readTextFile(join(folder, "c", "b", "y.js")), "a/b/y.js");
    assertEquals([...Deno.readDirSync(join(folder, "c"))].map(({ name }) => name).sort(), ["b", "x.js"]);
  }));

Deno.test("a program runs with the packages that were copied for it, and no network or cache besides", () =>
  withFolder(async (folder) => {
    const program = join(folder, "program.ts"), denoDir = join(folder, "deno");
    await Deno.writeTextFile(program, 'import { parseHTML } from "linkedom";\nconsole.log(typeof parseHTML);\n');
    const project = JSON.parse(await Deno.readTextFile(new URL("../../../../deno.json", import.meta.url)));
    const config = join(folder, "deno.json");
    await Deno.writeTextFile(config, JSON.stringify({ imports: { linkedom: project.imports.linkedom } }));
    const lock = fileURLToPath(new URL("../../../../deno.lock", import.meta.url));
    await Deno.copyFile(lock, join(folder, "deno.lock"));

    const { names, registry } = await copyNpmPackages([program], config, denoDir);
    assert(names.has("linkedom") && names.has("htmlparser2") && !names.has("@tensorflow/tfjs"), [...names].join());
    await Deno.writeTextFile(join(folder, ".npmrc"), `registry=${registry}\n`);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", "--cached-only", "--config", config, program],
      env: { DENO_DIR: denoDir, HOME: folder },
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "function\n", new TextDecoder().decode(stderr));
  }));
