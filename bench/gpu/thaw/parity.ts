import { models } from "thaw";
import { goldenImages, type GoldenModel, goldenState, logitError, readGolden } from "../../../tests/models/golden.ts";
import type { Answers } from "../answer.ts";
import type { ParityCase, ParityResult } from "../cases.ts";

/** Compares a network's logits with torchvision's; see tests/golden. */
export function parity({ network }: ParityCase): Answers {
  return {
    async run(): Promise<ParityResult> {
      const start = performance.now();
      const { salt, models: known } = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>(
        "torchvision.json.gz",
      );
      const golden = known[network];
      const model = models.get(network);
      model.loadStateDict(goldenState(golden, salt, model));
      const logits = model.eval().forward(goldenImages(salt, golden.size));
      const error = logitError(await logits.data() as Float32Array, golden); // null in JSON, where it is no number
      return { error, seconds: (performance.now() - start) / 1000 };
    },
  };
}
