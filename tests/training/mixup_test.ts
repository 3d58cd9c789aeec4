import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { drawMix, mixSamples, mixTargets } from "../../lib/training/mixup.ts";
import { noLeaks } from "../tensors.ts";

const at = (batch: number) => ({ seed: 1, epoch: 1, batch });

for (const alpha of [0.2, 1, 4]) {
  Deno.test(`shares are drawn from Beta(${alpha}, ${alpha})`, () => {
    const shares = Array.from({ length: 4000 }, (_, i) => drawMix(alpha, 2, at(i)).share);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    assertAlmostEquals(mean, 0.5, 0.03);
    assertAlmostEquals(variance, 1 / (4 * (2 * alpha + 1)), 0.01); // that of the distribution
  });
}

Deno.test("partners are a shuffle; seed, epoch and batch decide it", () => {
  const { partners } = drawMix(0.4, 8, at(1));
  assertEquals([...partners].sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7]);
  assertEquals(drawMix(0.4, 8, at(1)), drawMix(0.4, 8, at(1)));
  const shares = [at(1), at(2), { ...at(1), epoch: 2 }, { ...at(1), seed: 2 }].map((one) => drawMix(0.4, 8, one).share);
  assertEquals(new Set(shares).size, 4);
});

noLeaks("samples and losses are mixed by the same share", async () => {
  const mix = { share: 0.75, partners: Int32Array.of(1, 0) };
  const [samples, labels] = [tf.tensor2d([[0, 8], [4, 0]]), tf.tensor1d([3, 5], "int32")];
  const others = tf.tensor1d([5, 3], "int32");
  const mixed = mixSamples(samples, mix);
  assertEquals([...await mixed.data()], [1, 6, 3, 2]);
  const first = tf.tidy(() => mixTargets(labels, others, 0.75, (of) => tf.sum(of.slice(0, 1)).toFloat() as tf.Scalar));
  assertEquals((await first.data())[0], 0.75 * 3 + 0.25 * 5);
  tf.dispose([samples, labels, others, mixed, first]);
});
