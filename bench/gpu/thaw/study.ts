import { data, models, studySplits } from "thaw";
import * as tf from "@tensorflow/tfjs";
import type { Answers } from "../answer.ts";
import type { StudyCase, StudyResult } from "../cases.ts";
import { significant } from "../numbers.ts";
import { studyFiles } from "../study_files.ts";
import { cardMemoryInUse } from "./card_memory.ts";

const NETWORK = "efficientnet_lite0";
const COLOURS = 9; // as many as emoji have classes

/**
 * A split study of efficientnet_lite0, every split trained to the end, from the pictures in memory to the result. Emoji and
 * the pretrained network are taken where thaw's cache has them; noise and random weights do elsewhere, of which only the
 * times tell something.
 */
export function study({ images, size, splits, epochs }: StudyCase): Answers {
  return {
    async run(): Promise<StudyResult> {
      const before = cardMemoryInUse();
      const real = studyFiles() !== undefined;
      const pictures = (real ? await emoji(images, size) : noise(images, size)).split({ validation: 0.2, seed: 1 });
      const start = performance.now();
      const { rows } = await studySplits({ model: NETWORK, options: real ? { weights: "DEFAULT" } : {} }, pictures, {
        splits,
        search: "grid",
        epochs,
        seeds: [0],
        optimizer: "sgd",
        learningRate: 0.01,
        batchSize: 32,
        display: false,
      });
      const seconds = (performance.now() - start) / 1000;
      const after = cardMemoryInUse();
      return {
        seconds: significant(seconds),
        pictures: real ? "emoji" : "noise, with random weights",
        memoryBytes: before === undefined || after === undefined ? undefined : after - before,
        splits: rows.map(({ label, seconds, accuracy }) => {
          return { split: label, seconds: significant(seconds), accuracy: significant(accuracy.mean) };
        }),
      };
    },
  };
}

/** Emoji as the network gets them, all in one tensor. */
async function emoji(count: number, size: number): Promise<data.LabelledDataset> {
  const pictures = await data.emoji({ size: count });
  const transforms = { ...models.info(NETWORK).weights.DEFAULT.transforms, resize: size, crop: size };
  const batches = await Array.fromAsync(pictures.batches({ batchSize: 100, transforms }));
  const images = tf.concat(batches.map(({ images }) => images));
  batches.forEach(({ images, labels }) => tf.dispose([images, labels]));
  return data.fromTensors(images, pictures.labels, { name: "emoji", classes: pictures.classes });
}

/** Noise of several colours, which are the classes. */
function noise(count: number, size: number): data.LabelledDataset {
  const labels = Int32Array.from({ length: count }, (_, i) => i % COLOURS);
  const images = tf.tidy(() => {
    const colours = tf.randomUniform([COLOURS, 1, 1, 3], -1, 1, "float32", 1);
    return tf.add(tf.randomNormal([count, size, size, 3], 0, 1, "float32", 2), tf.gather(colours, labels));
  });
  return data.fromTensors(images, labels, { name: "noise" });
}
