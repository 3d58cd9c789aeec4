import type * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/** Bytes that are someone else's memory, until they are given back. */
export interface Loan {
  readonly bytes: Uint8Array;
  /** Lets the memory go: `bytes` are not to be touched any more. */
  giveBack(): void;
}

/**
 * Hands a float32 tensor's bytes to `use`: where the engine has memory of its own, that memory itself, and no copy. They must
 * not be changed, nor used any more when `use` has ended.
 */
export async function lend<T>(tensor: tf.Tensor, use: (bytes: Uint8Array) => Promise<T>): Promise<T> {
  if (!hasKernel("ThawLend")) {
    const { buffer, byteOffset, byteLength } = await tensor.data();
    return await use(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const loans: Loan[] = [];
  runKernel("ThawLend", { x: tensor }, { take: (loan: Loan) => loans.push(loan) });
  try {
    return await use(loans[0].bytes);
  } finally {
    loans[0].giveBack();
  }
}
