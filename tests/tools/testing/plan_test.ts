import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { allJobs, namedJobs, RAY_TESTS } from "../../../tools/testing/plan.ts";

async function project(): Promise<string> {
  const root = await Deno.makeTempDir();
  for (
    const file of [
      "tests/nn/b_test.ts",
      "tests/nn/deep/a_test.ts",
      "tests/top_test.ts",
      "tests/std/mod.ts",
      "tests/ray/ray_test.ts",
    ]
  ) {
    await Deno.mkdir(join(root, file, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, file), "");
  }
  await Deno.mkdir(join(root, "lib", "nn"), { recursive: true });
  await Deno.writeTextFile(join(root, "README.md"), "");
  return root;
}

Deno.test("a whole run has a job for each folder of tests, each file beside them, and each place with examples", async () => {
  const root = await project();
  const jobs = await allJobs(root);
  assertEquals(jobs.map(({ name, paths }) => [name, paths.join()]), [
    ["tests/nn", "tests/nn/b_test.ts,tests/nn/deep/a_test.ts"],
    ["tests/top_test.ts", "tests/top_test.ts"],
    ["examples in lib/nn", "lib/nn"],
    ["examples in README.md", "README.md"],
  ]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("the suite that needs a Ray cluster runs only where it is named", async () => {
  const root = await project();
  assertEquals((await allJobs(root)).filter(({ paths }) => paths.join().includes("ray")), []);
  assertEquals((await namedJobs([RAY_TESTS], root)).map(({ paths }) => paths), [["tests/ray/ray_test.ts"]]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("named paths are tests below tests/ and examples elsewhere", async () => {
  const root = await project();
  const jobs = await namedJobs(["tests/nn/", "./tests/top_test.ts", "README.md"], root);
  assertEquals(jobs.map(({ flags, paths }) => [flags.includes("--doc"), paths.length]), [
    [false, 2],
    [false, 1],
    [true, 1],
  ]);
  await assertRejects(
    () => namedJobs(["tests/std"], root),
    Error,
    "Cannot test tests/std: expected …_test.ts files in it",
  );
  await assertRejects(() => namedJobs(["tests/no"], root), Error, "Cannot test tests/no: expected a file or folder");
  await Deno.remove(root, { recursive: true });
});
