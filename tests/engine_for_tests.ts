/** Starts the engines that the tests compare: TensorFlow where there is one, and tfjs's own cpu backend. */
import * as tf from "@tensorflow/tfjs";
import type { OpRunner } from "../lib/engine/tensorflow/kernels/op.ts";
import { startTensorflow } from "../lib/engine/tensorflow/backend.ts";
import { registerKernels } from "../lib/engine/tensorflow/kernels/mod.ts";

registerKernels(startTensorflow() as unknown as OpRunner);

/** The engines that there are, the one in use first. */
export const engines: readonly string[] = [tf.getBackend(), "cpu"];
