import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../../data/types.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";
import { pooled } from "./stage_features.ts";

/** A dataset of features as a matrix `[N, C]`: feature maps are averaged over height and width. */
export async function poolRows(dataset: Dataset): Promise<FeatureMatrix> {
  const parts: Float32Array[] = [];
  let columns = 0;
  for await (const { images, labels } of dataset.batches({ batchSize: 64, seed: 0 })) {
    const rows = tf.tidy(() => pooled(images));
    columns = rows.shape[1];
    parts.push(await rows.data<"float32">());
    tf.dispose([images, labels, rows]);
  }
  const values = new Float32Array(dataset.length * columns);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { rows: dataset.length, columns, values };
}
