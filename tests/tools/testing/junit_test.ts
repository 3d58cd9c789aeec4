import { assertEquals } from "@std/assert";
import { parseJunit, sumCounts } from "../../../tools/testing/junit.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="3" errors="0" time="0.009">
    <testsuite name="./tests/a_test.ts" tests="6" disabled="1" errors="0" failures="3">
        <testcase name="ok" classname="./tests/a_test.ts" time="0.000" line="3" col="6">
        </testcase>
        <testcase name="1 &lt; 2 &amp; &quot;so on&quot;" classname="./tests/a_test.ts" time="0.001" line="4" col="6">
            <failure message="Uncaught">AssertionError: expected &lt;testcase name=&quot;x&quot;&gt;
    at file:///a_test.ts:4:27</failure>
        </testcase>
        <testcase name="not now" classname="./tests/a_test.ts" time="0.000" line="5" col="11">
            <skipped/>
        </testcase>
        <testcase name="steps" classname="./tests/a_test.ts" time="0.001" line="6" col="6">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="steps &gt; one" classname="./tests/a_test.ts" time="0.000" line="6" col="43">
        </testcase>
        <testcase name="steps &gt; two &gt; three" classname="./tests/a_test.ts" time="0.000" line="6" col="72">
            <failure message="Uncaught Error: x">Error: x</failure>
        </testcase>
    </testsuite>
    <testsuite name="./tests/b_test.ts" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="a > b is a name of its own" classname="./tests/b_test.ts" time="0.000" line="3" col="6">
        </testcase>
    </testsuite>
    <testsuite name="./tests/c_test.ts" tests="0" disabled="0" errors="0" failures="0">
    </testsuite>
</testsuites>
`;

Deno.test("tests are counted, their steps are not", () => {
  assertEquals(parseJunit(REPORT), { passed: 2, failed: 2, ignored: 1 });
});

Deno.test("an empty report counts nothing", () => {
  assertEquals(parseJunit(`<testsuites name="deno test" tests="0"/>`), { passed: 0, failed: 0, ignored: 0 });
});

Deno.test("counts are summed", () => {
  const sum = sumCounts([{ passed: 2, failed: 0, ignored: 1 }, { passed: 3, failed: 4, ignored: 0 }]);
  assertEquals(sum, { passed: 5, failed: 4, ignored: 1 });
  assertEquals(sumCounts([]), { passed: 0, failed: 0, ignored: 0 });
});
