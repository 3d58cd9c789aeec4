import { assert, assertEquals } from "@std/assert";
import { denoTest, judge } from "../../../tools/testing/deno_test.ts";

const ONE_GOOD = `<testsuite name="./tests/a_test.ts"><testcase name="t"></testcase></testsuite>`;

Deno.test("a good run is what its report says", () => {
  assertEquals(judge(ONE_GOOD, 0, "ended with 0"), { passed: 1, failed: 0, ignored: 0, problems: [] });
});

Deno.test("a run without a report is a failure", () => {
  assertEquals(judge(undefined, 139, "died of SIGSEGV"), {
    passed: 0,
    failed: 1,
    ignored: 0,
    problems: ["deno test died of SIGSEGV and left no report"],
  });
});

Deno.test("a bad exit code is a failure, though all tests in the report passed", () => {
  const { failed, problems } = judge(ONE_GOOD, 1, "ended with 1");
  assertEquals(failed, 1);
  assert(problems[0].startsWith("deno test ended with 1, with no failed test in its report"));
});

Deno.test("a file that fails to load is a failure, though others in the run passed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [good, bad] = [`${folder}/good_test.ts`, `${folder}/bad_test.ts`];
    await Deno.writeTextFile(good, `Deno.test("passes", () => {});`);
    await Deno.writeTextFile(bad, `throw new Error("at the top");`);
    const { passed, failed } = await denoTest({ name: "load", paths: [good, bad], flags: ["--quiet"] }, 60);
    assertEquals([passed, failed], [1, 1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a run that takes too long is stopped and counts as failed", async () => {
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    await Deno.writeTextFile(file, `Deno.test("sleeps", () => new Promise((done) => setTimeout(done, 60_000)));`);
    const { failed, problems } = await denoTest({ name: "late", paths: [file], flags: ["--quiet"] }, 1);
    assertEquals(failed, 1);
    assert(problems[0].includes("was stopped after 1 s"));
  } finally {
    await Deno.remove(file);
  }
});
