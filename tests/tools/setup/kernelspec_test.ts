import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { kernelspec, kernelspecStep } from "../../../tools/setup/kernelspec.ts";
import { ProgressLine } from "../../../tools/setup/progress.ts";

Deno.test("the kernelspec starts the kept Deno and remembers where thaw's files are", () => {
  const spec = kernelspec("/kept/deno", {
    THAW_CACHE: "/cache",
    THAW_LIBTENSORFLOW: "",
    THAW_ENGINE: "wasm",
    TF_CPP_MIN_LOG_LEVEL: "0",
  });
  assertEquals(spec, {
    argv: ["/kept/deno", "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno (thaw)",
    language: "typescript",
    env: { DENO_V8_FLAGS: "--expose-gc", THAW_CACHE: "/cache" },
    metadata: {},
  });
});

Deno.test("a relative THAW_CACHE is made absolute, for kernels run in their notebook's folder", () => {
  assertEquals(kernelspec("deno", { THAW_CACHE: "kept" }).env.THAW_CACHE, join(Deno.cwd(), "kept"));
});

Deno.test("the step copies this Deno, writes the spec, and is done until either changes", async () => {
  const folder = await Deno.makeTempDir();
  const deno = join(folder, "bin", "deno-kept");
  const step = kernelspecStep(() => Promise.resolve({ kernels: join(folder, "kernels") }), deno);
  const path = join(folder, "kernels", "thaw", "kernel.json");
  try {
    assertEquals(await step.done(), undefined);
    assertEquals(await step.run(new ProgressLine()), path);
    assertEquals(await step.done(), path);
    assertEquals(JSON.parse(await Deno.readTextFile(path)).argv[0], deno);
    assertEquals((await Deno.stat(deno)).size, (await Deno.stat(Deno.execPath())).size);
    assertEquals((await Array.fromAsync(Deno.readDir(join(folder, "bin")))).length, 1);

    await Deno.truncate(deno, 1000); // as a copy that was cut would be
    assertEquals(await step.done(), undefined);
    await step.run(new ProgressLine());
    await Deno.writeTextFile(path, "{}");
    assertEquals(await step.done(), undefined);
    await step.run(new ProgressLine());
    assert(await step.done());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without a Jupyter the step is missing and says why it cannot run", async () => {
  const step = kernelspecStep(() => Promise.resolve(undefined), "deno");
  assertEquals(await step.done(), undefined);
  await assertRejects(() => step.run(new ProgressLine()), Error, "expected a Jupyter, found none");
});
