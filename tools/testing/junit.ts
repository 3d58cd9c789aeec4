/** How a suite of tests went. */
export interface Counts {
  passed: number;
  failed: number;
  ignored: number;
}

/**
 * Counts the tests of a JUnit report as `deno test --junit-path` writes it.
 *
 * Steps are listed there as cases named `test > step`; they are part of their test and not counted again.
 */
export function parseJunit(xml: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, ignored: 0 };
  for (const suite of xml.matchAll(/<testsuite [^>]*?(?:\/>|>(.*?)<\/testsuite>)/gs)) {
    const tests = new Set<string>();
    for (const test of (suite[1] ?? "").matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
      const name = attribute(test[1], "name");
      if (isStep(name, tests)) continue;
      tests.add(name);
      const body = test[2] ?? "";
      if (/<(failure|error)\b/.test(body)) counts.failed += 1;
      else if (/<skipped\b/.test(body)) counts.ignored += 1;
      else counts.passed += 1;
    }
  }
  return counts;
}

/** Everything of `counts` together. */
export function sumCounts(counts: readonly Counts[]): Counts {
  const sum = { passed: 0, failed: 0, ignored: 0 };
  for (const { passed, failed, ignored } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.ignored += ignored;
  }
  return sum;
}

function isStep(name: string, tests: ReadonlySet<string>): boolean {
  for (let at = name.indexOf(" > "); at >= 0; at = name.indexOf(" > ", at + 1)) {
    if (tests.has(name.slice(0, at))) return true;
  }
  return false;
}

function attribute(attributes: string, name: string): string {
  const value = attributes.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`))?.[1] ?? "";
  return value.replaceAll(/&(lt|gt|quot|apos|amp|#(\d+));/g, (_, entity: string, code?: string) => {
    return code ? String.fromCodePoint(Number(code)) : { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }[entity]!;
  });
}
