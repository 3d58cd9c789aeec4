import { assertEquals } from "@std/assert";
import { meanCurves } from "../../../lib/study/trials/mean_curves.ts";
import { epoch } from "../splits/scripted.ts";

const run = (...accuracies: number[]) => ({ history: accuracies.map((accuracy, i) => epoch(i + 1, accuracy)) });
const curves = (settings: Parameters<typeof meanCurves>[0]) =>
  meanCurves(settings, ({ validationAccuracy }) => validationAccuracy!).map(({ name, x, y }) => [name, x, y]);

Deno.test("the mean over seeds, as far as all of them have come; settings without any have no curve", () => {
  assertEquals(
    curves([{ label: "a", runs: [run(0.25, 0.5, 1), run(0.75, 1)] }, { label: "b", runs: [] }]),
    [["a", [1, 2], [0.5, 0.75]]],
  );
});

Deno.test("a single epoch is no curve where others have more", () => {
  const [one, more] = [{ label: "a", runs: [run(0.5)] }, { label: "b", runs: [run(0.5, 1)] }];
  assertEquals(curves([one, more]), [["b", [1, 2], [0.5, 1]]]);
  assertEquals(curves([one]), [["a", [1], [0.5]]]);
});
