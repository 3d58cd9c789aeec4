import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { adaptiveAvgPool2d, avgPool2d, type AvgPoolGeometry } from "../../../lib/engine/ops/avg_pool.ts";
import { onEachEngine, read } from "../../tensors.ts";

const counting = () => tf.range(1, 10, 1).reshape([1, 3, 3, 1]) as tf.Tensor4D;

onEachEngine("what an average is divided by: the window, the pixels, or a number", async () => {
  const means = async (counted: Pick<AvgPoolGeometry, "countIncludePad" | "divisorOverride">) => {
    const geometry: AvgPoolGeometry = { kernel: [2, 2], stride: [2, 2], padding: [1, 1], ceilMode: false, ...counted };
    return [...(await read(tf.tidy(() => avgPool2d(counting(), geometry)))).data];
  };
  assertEquals(await means({ countIncludePad: true }), [0.25, 1.25, 2.75, 7]);
  assertEquals(await means({ countIncludePad: false }), [1, 2.5, 5.5, 7]);
  assertEquals(await means({ countIncludePad: true, divisorOverride: 2 }), [0.5, 2.5, 5.5, 14]);
});

onEachEngine("adaptive cells may overlap, and there may be more of them than pixels", async () => {
  const pooled = async (size: [number, number]) =>
    [...(await read(tf.tidy(() => adaptiveAvgPool2d(counting(), size)))).data].map((value) => +value.toFixed(5));
  assertEquals(await pooled([1, 1]), [5]);
  assertEquals(await pooled([2, 2]), [3, 4, 6, 7]);
  assertEquals(await pooled([3, 1]), [2, 5, 8]);
  assertEquals(await pooled([1, 4]), [4, 4.5, 5.5, 6]);
});
