/**
 * EfficientNet-Lite beside the PyTorch packages that its weights were made for. Run by itself, it compares all the networks that
 * have their weights in a package: `deno run -A tests/models/lite_golden.ts`. The tests compare lite0 alone, which is the
 * smallest.
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import "../engine_for_tests.ts";
import { release } from "../tensors.ts";
import { assertStatistics, goldenImages, type GoldenModel, readGolden } from "./golden.ts";

/** A network with its real weights. */
export interface WeightsRow {
  network: string;
  size: number;
  /** Mean and standard deviation of each stage's output. */
  stages: Record<string, [mean: number, std: number]>;
  logits: number[][];
  argmax: number[];
}

/** What make_lite_golden.py writes. */
export interface LiteGolden {
  salt: string;
  rows: WeightsRow[];
  /** Networks with made values and the names in their weights' files; without printed text. */
  made: Record<string, GoldenModel>;
}

export const golden = await readGolden<LiteGolden>("lite.json.gz");

/**
 * Runs a network with its real weights stage by stage and compares with PyTorch, to 1e-3.
 *
 * @returns how far the worst logit is off, as a share of the largest
 */
export async function assertWeights({ network, size, stages, logits, argmax }: WeightsRow): Promise<number> {
  const model = (await models.get(network, { weights: "DEFAULT" })).eval();
  assertEquals(model.stages().map(({ name }) => name), Object.keys(stages));
  let x: tf.Tensor = goldenImages(golden.salt, size);
  for (const stage of model.stages()) {
    const y = tf.tidy(() => stage.forward!(x));
    x.dispose();
    x = y;
    await assertStatistics(stage.name, x, stages[stage.name]);
  }
  const found = await x.data() as Float32Array;
  x.dispose();
  release(model);
  const errors = logits.flatMap((expected, picture) => {
    const row = found.slice(1000 * picture, 1000 * (picture + 1));
    const largest = Math.max(...expected.map(Math.abs));
    assertEquals(row.indexOf(Math.max(...row)), argmax[picture]);
    return expected.map((value, i) => {
      const error = Math.abs(row[i] - value) / largest;
      assert(error <= 1e-3, `logit ${i}: expected ${value}, found ${row[i]}`);
      return error;
    });
  });
  return Math.max(...errors);
}

if (import.meta.main) {
  for (const row of golden.rows) {
    const error = await assertWeights(row);
    console.log(`${row.network} at ${row.size} pixels: logits off by ${error.toExponential(1)} of the largest at most`);
  }
}
