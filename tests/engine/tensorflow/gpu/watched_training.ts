import * as tf from "@tensorflow/tfjs";
import { LabelledDataset } from "../../../../lib/data/dataset.ts";
import { pictureSamples } from "../../../../lib/data/pictures.ts";
import type { TensorflowBackend } from "../../../../lib/engine/tensorflow/backend.ts";
import { evaluate, fit, type FitOptions, manualSeed, models } from "../../../../mod.ts";
import { picture, plain } from "../../../data/support.ts";
import { type Crossing, SimulatedCard } from "./simulated_card.ts";

/** What crossed in each step of a training, and in an evaluation. */
export interface Watched {
  /** Between reading one loss and the next, from the second loss on. */
  steps: Crossing[][];
  /** Of the whole evaluation. */
  evaluation: Crossing[];
}

/**
 * Trains a network of the zoo on eight small pictures of four classes, two in a batch, and evaluates it, and watches what
 * would cross between main memory and a card.
 */
export async function watchTraining(
  name: string,
  side: number,
  model: object = {},
  options: Omit<FitOptions, "epochs"> = {},
): Promise<Watched> {
  manualSeed(1);
  const network = await models.get(name, { numClasses: 4, ...model });
  const colors = Array.from({ length: 8 }, (_, i) => picture(side, side, [30 * i, 255 - 30 * i, 128]));
  const labels = colors.map((_, i) => i % 4);
  const pictures = new LabelledDataset(pictureSamples(colors), {
    name: "colors",
    classes: ["a", "b", "c", "d"],
    labels,
  });
  const transforms = { ...plain, resize: [side, side] as [number, number] };
  const card = new SimulatedCard((tf.backend() as TensorflowBackend).binding);
  const steps: Crossing[][] = [];
  try {
    await fit(network, pictures, {
      ...{ batchSize: 2, optimizer: "sgd", display: false, restoreBest: false, transforms },
      ...options,
      epochs: 1,
      onStep: () => void steps.push(card.crossings.splice(0)),
    });
    card.crossings.splice(0);
    await evaluate(network, pictures, { batchSize: 4, transforms });
    return { steps: steps.slice(1), evaluation: card.crossings.splice(0) };
  } finally {
    card.stop();
  }
}
