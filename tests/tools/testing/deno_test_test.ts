import { assert, assertEquals } from "@std/assert";
import { denoTest, judge } from "../../../tools/testing/deno_test.ts";

const JOB = { name: "x", paths: ["tests/a_test.ts"], flags: [], expected: ["tests/a_test.ts", "tests/b_test.ts"] };
const suite = (file: string) => `<testsuite name="./${file}"><testcase name="t"></testcase></testsuite>`;

Deno.test("a good run is what its report says", () => {
  const xml = suite("tests/a_test.ts") + suite("tests/b_test.ts");
  assertEquals(judge(JOB, xml, 0, "ended with 0"), { passed: 2, failed: 0, ignored: 0, problems: [] });
});

Deno.test("a run without a report is a failure", () => {
  assertEquals(judge(JOB, undefined, 139, "died of SIGSEGV"), {
    passed: 0,
    failed: 1,
    ignored: 0,
    problems: ["deno test died of SIGSEGV and left no report"],
  });
});

Deno.test("a file that does not report is a failure", () => {
  assertEquals(judge(JOB, suite("tests/a_test.ts"), 1, "ended with 1"), {
    passed: 1,
    failed: 1,
    ignored: 0,
    problems: ["tests/b_test.ts reported no test: it failed to load, or has none"],
  });
});

Deno.test("a bad exit code is a failure, though all tests passed", () => {
  const xml = suite("tests/a_test.ts") + suite("tests/b_test.ts");
  assertEquals(judge(JOB, xml, 1, "ended with 1").failed, 1);
});

Deno.test("a run that takes too long is stopped and counts as failed", async () => {
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    await Deno.writeTextFile(file, `Deno.test("sleeps", () => new Promise((done) => setTimeout(done, 60_000)));`);
    const { failed, problems } = await denoTest({ name: "late", paths: [file], flags: ["--quiet"], expected: [] }, 1);
    assertEquals(failed, 1);
    assert(problems[0].includes("was stopped after 1 s"));
  } finally {
    await Deno.remove(file);
  }
});
