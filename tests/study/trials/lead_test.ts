import { assert, assertEquals } from "@std/assert";
import { RandomGenerator } from "../../../lib/engine/random.ts";
import { leadSentences } from "../../../lib/study/trials/lead.ts";
import { measured } from "../../../lib/study/trials/noise.ts";

/** How often, of 1,000 studies of settings that are equally good, one is said to be ahead. */
function mistakes(settings: number, seeds: number): number {
  const random = new RandomGenerator(1);
  let count = 0;
  for (let i = 0; i < 1000; i++) {
    const rows = Array.from({ length: settings }, (_, label) => ({
      label: String(label),
      accuracy: measured(Array.from({ length: seeds }, () => 0.6 + 0.02 * random.normal())),
    })).sort((a, b) => b.accuracy.mean - a.accuracy.mean);
    if (leadSentences(rows[0], rows.slice(1), rows, 400)[0].startsWith("It is ahead")) count++;
  }
  return count;
}

Deno.test("of settings that are equally good hardly one in twenty times one is said to be ahead, however few the seeds", () => {
  for (const [settings, seeds] of [[2, 2], [2, 3], [4, 2], [4, 3], [6, 5]]) {
    // 50 at most but for chance: three standard deviations of a count of 1,000
    const found = mistakes(settings, seeds);
    assert(found <= 71, `${settings} settings, ${seeds} seeds: ${found}`);
  }
});

Deno.test("seeds that all say the same are no proof that there is no noise: accuracies differ by whole pictures", () => {
  const [best, other] = [15, 14].map((right) => ({ label: `${right}`, accuracy: measured([right / 16, right / 16]) }));
  assertEquals(leadSentences(best, [other], [best, other], 16), [
    "Its lead over 14 (6.3 points) is within what the noise over seeds allows (26.9 points)",
  ]);
});
