import { engine, useEngine } from "../../../lib/engine/mod.ts";
import type { TensorflowBackend } from "../../../lib/engine/tensorflow/backend.ts";
import * as tf from "@tensorflow/tfjs";

/**
 * The TensorFlow backend, found as everybody finds it. Tests of it must not pass where it is missing: on the platforms
 * where `deno task setup` fetches it, that is an error that says what to do.
 */
export async function tensorflowBackend(): Promise<TensorflowBackend> {
  if (engine().backend !== "tensorflow") await useEngine("tensorflow");
  return tf.backend() as TensorflowBackend;
}
