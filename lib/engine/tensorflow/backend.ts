import * as tf from "@tensorflow/tfjs";
import "./node_util.ts";
import { Binding } from "./binding.ts";
import { openCApi } from "./capi.ts";
import { pin } from "./pin.ts";
import { sessionConfig } from "./session_config.ts";
import { join } from "node:path";

const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");

import type { Attribute } from "./attributes.ts";

export interface TensorData {
  shape: number[];
  dtype: number;
  id: number;
  values: unknown;
  refCount: number;
}

export interface TensorflowBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: tf.DataStorage<TensorData>;
  executeSingleOutput(op: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(op: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
}

export function startTensorflow(dir: string = Deno.env.get("THAW_LIBTENSORFLOW")!): TensorflowBackend {
  if (!Deno.env.has("TF_CPP_MIN_LOG_LEVEL")) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "2");
  pin(join(dir, "libtensorflow_framework.so.2"));
  const library = join(dir, "libtensorflow_cc.so.2");
  pin(library);
  const binding = new Binding(openCApi(library), sessionConfig());
  const Backend = NodeJSKernelBackend as unknown as new (binding: Binding, name: string) => TensorflowBackend;
  tf.registerBackend("tensorflow", () => new Backend(binding, "tfjs-node-gpu"), 3);
  tf.setBackend("tensorflow");
  return tf.backend() as TensorflowBackend;
}
