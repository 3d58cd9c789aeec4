import * as tf from "@tensorflow/tfjs";
import { engines } from "../../../engine_for_tests.ts";
import { assertClose, noLeaks, type Plain, tensor, withGradients } from "../../../tensors.ts";

/** Whether there is a TensorFlow to compare. */
export const hasTensorFlow = engines.includes("tensorflow");

/** A test that needs TensorFlow beside the cpu backend, and leaves nothing behind. */
export function onTensorFlow(name: string, run: () => void | Promise<void>): void {
  if (hasTensorFlow) noLeaks(name, run);
  else Deno.test({ name, ignore: true, fn() {} });
}

/**
 * Computes output and gradients by TensorFlow's kernels and by the composed path on the cpu backend, and fails unless they
 * are the same.
 */
export async function assertAgreement(
  what: string,
  inputs: Plain[],
  compute: (...tensors: tf.Tensor[]) => tf.Tensor,
  tolerance = 2e-5,
): Promise<void> {
  const expected = await computeOn("cpu", inputs, compute);
  const found = await computeOn("tensorflow", inputs, compute);
  found.forEach((one, i) =>
    assertClose(one, expected[i], tolerance, `${what}, ${i ? `gradient of input ${i - 1}` : "output"}`)
  );
}

async function computeOn(
  engine: string,
  inputs: Plain[],
  compute: (...tensors: tf.Tensor[]) => tf.Tensor,
): Promise<Plain[]> {
  await tf.setBackend(engine);
  const tensors = inputs.map((input) => tensor(input));
  try {
    return await withGradients(tensors, () => compute(...tensors));
  } finally {
    tf.dispose(tensors);
  }
}
