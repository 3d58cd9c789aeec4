import type { Dataset, Transforms } from "../../data/types.ts";
import * as tf from "@tensorflow/tfjs";
import { summary } from "../../inspect/summary.ts";
import type { Module } from "../../nn/mod.ts";
import { findStage } from "../../nn/stage.ts";

/**
 * What an epoch of each split costs, relative to the others: the multiply-adds of the stages that train. Counted and not
 * timed, so that a search decides the same on every machine, and again after it was broken off.
 *
 * @param splits stages, or paths into them, which count as the whole stage
 */
export async function splitCosts(
  model: Module,
  splits: readonly string[],
  dataset: Dataset,
  transforms: Transforms | undefined,
): Promise<Map<string, number>> {
  const { modules } = summary(model, await inputShape(dataset, transforms));
  const counts = new Map(modules.map(({ name, multiplyAdds }) => [name, multiplyAdds]));
  const stages = model.stages();
  const ofStage = stages.map((stage) => stage.modules.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0));
  return new Map(splits.map((until) => {
    const later = ofStage.slice(findStage(stages, until));
    return [until, later.reduce((sum, count) => sum + count, 0)];
  }));
}

/** The shape of one sample as the network gets it, `[1, …]`. */
async function inputShape(dataset: Dataset, transforms: Transforms | undefined): Promise<number[]> {
  let shape: number[] = [];
  for await (const { images, labels } of dataset.subset([0]).batches({ batchSize: 1, seed: 0, transforms })) {
    shape = [1, ...images.shape.slice(1)];
    tf.dispose([images, labels]);
  }
  return shape;
}
