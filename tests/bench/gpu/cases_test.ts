import { assert, assertEquals } from "@std/assert";
import { casesOf, FULL, REHEARSAL } from "../../../bench/gpu/cases.ts";
import { type GoldenModel, readGolden } from "../../models/golden.ts";
import * as models from "../../../lib/models/mod.ts";

Deno.test("the plan for a card: ten networks compared, four timed in two batches and three precisions, a study", () => {
  const cases = casesOf(FULL), kinds = Map.groupBy(cases, ({ kind }) => kind);
  assertEquals(kinds.get("parity")!.length, 10 * 3);
  assertEquals(kinds.get("speed")!.length, 4 * 2 * 3);
  assertEquals(kinds.get("study")!.length, 1);
  assertEquals(new Set(cases.map(({ name }) => name)).size, cases.length);
  assertEquals(cases.filter(({ name }) => name.includes(",")), []); // --only has them between names
  // what matters most comes before the time may be over
  assertEquals(cases.slice(0, 10).map(({ name }) => name.split(" ")[2]), Array(10).fill("float32"));
  assertEquals(cases[10].name, "speed resnet50 128 × 224 float32");
});

Deno.test("the networks of both plans are thaw's, and those to compare have golden figures", async () => {
  const golden = await readGolden<{ models: Record<string, GoldenModel> }>("torchvision.json.gz");
  const known = new Set(models.list());
  for (const plan of [FULL, REHEARSAL]) {
    for (const name of plan.golden) assert(name in golden.models && known.has(name), name);
    for (const name of plan.networks) assert(known.has(name), name);
  }
});
