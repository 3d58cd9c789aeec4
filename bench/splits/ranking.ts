/**
 * How well the estimates of `strategy` rank the splits that a study then measures, on emoji and on handwritten digits:
 *
 *     deno run -A --no-lock bench/splits/ranking.ts [--images 500] [--out bench/results/splits_ranking.json]
 *
 * lite0 at 64 px, three epochs, the mean of three seeds. ρ is Spearman's: 1 is the same order, 0 none in common.
 */
import { parseArgs } from "node:util";
import { data, models, rankCorrelation, strategy, studySplits } from "thaw";
import { writeDigits } from "./second_set.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    images: { type: "string", default: "500" },
    out: { type: "string", default: "bench/results/splits_ranking.json" },
  },
});
const images = Number(values.images);
const digits = await Deno.makeTempDir();
await writeDigits(digits, images / 10);

const network = { model: "efficientnet_lite0", options: { weights: "DEFAULT" } };
const transforms = { ...models.info("efficientnet_lite0").weights.DEFAULT.transforms, resize: 64, crop: 64 };
const splits = ["features.4", "features.5", "features.6", "features.7", "features.8", "classifier"];
const sets = [await data.emoji({ size: images }), await data.imageFolder(digits)];
sets[1].name = "digits";
const results = [];
for (const set of sets) {
  const split = set.split({ validation: 0.3, seed: 1 });
  const found = await strategy(network, split, { transforms, display: false });
  const study = await studySplits(network, split, { splits, epochs: 3, seeds: 3, transforms, display: false });
  const stages = study.rows.map(({ until }) => found.figures.stages.find(({ stage }) => stage === until)!);
  const measured = study.rows.map(({ accuracy }) => accuracy.mean);
  results.push({
    data: set.name,
    similarity: found.figures.similarity.value,
    advised: found.recommendation.until,
    best: study.bestSplit!.until,
    spearman: {
      probe: rankCorrelation(stages.map(({ accuracy }) => accuracy), measured).spearman,
      logME: rankCorrelation(stages.map(({ logME }) => logME), measured).spearman,
    },
    splits: study.rows.map(({ until, accuracy }, i) => ({
      until,
      accuracy: accuracy.mean,
      deviation: accuracy.deviation,
      probe: stages[i].accuracy,
      logME: stages[i].logME,
    })),
  });
  console.log(study.summary, results.at(-1)!.spearman);
}
await Deno.remove(digits, { recursive: true });
await Deno.writeTextFile(
  values.out,
  JSON.stringify({ images, side: 64, epochs: 3, seeds: 3, results }, null, 2) + "\n",
);
