import type { Plan, Row } from "./thaw_ablations.ts";
import { measured } from "../../lib/study/trials/noise.ts";

type Accuracy = "trainAccuracy" | "validationAccuracy";

/** The file that thaw_ablations.ts writes. */
interface ThawFile extends Omit<Plan, "seeds"> {
  rows: Row[];
}

/** The file that torch_ablations.py writes. */
interface TorchFile extends ThawFile {
  /** What PyTorch makes of the weights that thaw's first seed came to. */
  thawsWeights: { [setting: string]: Record<Accuracy, number> };
}

const round = (value: number) => Number(value.toPrecision(4));

/**
 * Sets thaw's and PyTorch's accuracies side by side. Each side draws its own random numbers, so that means over seeds are
 * what can be compared: their difference is to be below twice its noise, the standard error of the difference.
 *
 * Where both sides are truly the same, a row is beyond that with a probability of 5 % all the same (with twenty seeds). Hence
 * `chiSquare` too, the sum over the settings of (difference / noise)²: about as large as there are settings.
 */
export function compareAccuracy({ rows, settings, ...how }: ThawFile, torch: TorchFile) {
  const evaluated = settings.map(({ setting }) => {
    const own = rows.find((row) => row.setting === setting)!; // the first seed's
    const theirs = torch.thawsWeights[setting];
    return Math.max(
      Math.abs(own.trainAccuracy - theirs.trainAccuracy),
      Math.abs(own.validationAccuracy - theirs.validationAccuracy),
    );
  });
  return {
    ...how,
    sameWeightsLargestDifference: Math.max(...evaluated),
    validation: beside("validationAccuracy", settings, rows, torch.rows),
    train: beside("trainAccuracy", settings, rows, torch.rows),
  };
}

function beside(accuracy: Accuracy, settings: Plan["settings"], thaw: Row[], torch: Row[]) {
  let chiSquare = 0;
  const rows = settings.map(({ setting }) => {
    const [ours, theirs] = [thaw, torch].map((rows) =>
      measured(rows.filter((row) => row.setting === setting).map((row) => row[accuracy]))
    );
    const difference = ours.mean - theirs.mean;
    const noise = Math.hypot(ours.deviation / Math.sqrt(ours.count), theirs.deviation / Math.sqrt(theirs.count));
    if (noise > 0) chiSquare += (difference / noise) ** 2;
    const withinNoise = Math.abs(difference) <= 2 * noise;
    console.log(
      `${accuracy} ${setting}: thaw ${ours.mean.toFixed(4)} ± ${ours.deviation.toFixed(4)}, PyTorch ` +
        `${theirs.mean.toFixed(4)} ± ${theirs.deviation.toFixed(4)}, difference ${difference.toFixed(4)}, ` +
        `noise ${noise.toFixed(4)}, ${withinNoise ? "within" : "NOT within"} twice the noise`,
    );
    return {
      setting,
      thaw: { mean: round(ours.mean), deviation: round(ours.deviation), count: ours.count },
      torch: { mean: round(theirs.mean), deviation: round(theirs.deviation), count: theirs.count },
      difference: round(difference),
      noise: round(noise),
      withinNoise,
    };
  });
  return { chiSquare: round(chiSquare), within: rows.filter(({ withinNoise }) => withinNoise).length, rows };
}
