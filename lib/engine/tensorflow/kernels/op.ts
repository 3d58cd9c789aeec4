import * as tf from "@tensorflow/tfjs";

/** One attribute of a TensorFlow op, in the form that tfjs-node's binding takes. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** What the binding knows a tensor by, and its shape and element type. */
export interface TensorNumber {
  id: number;
  shape: number[];
  dtype: number;
}

/** The part of tfjs-node's backend that our kernels call. */
export interface OpRunner {
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(op: string, attributes: OpAttribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
  /** TensorFlow's handles of tensors, by the numbers that the binding knows them by. */
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  /** What is kept for a tensor: its number, or values as long as no op has needed them. */
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
  /** A tensor for what the binding knows by number. */
  createOutputTensor(tensor: TensorNumber): tf.Tensor;
  binding: {
    hasKernel(op: string, dtype?: number): boolean;
    dtype(id: number): number;
    createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array): number;
    createHostTensor(
      shape: number[],
      dtype: number,
      values: Float32Array | Int32Array | Uint8Array | Uint16Array,
    ): number;
    moveToDevice(id: number): void;
    fillTensor(shape: number[], dtype: number, fill: (memory: Uint8Array) => void): number;
    lendTensor(id: number): { bytes: Uint8Array; giveBack(): void };
    executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): TensorNumber[];
    deleteTensor(id: number): void;
    share(id: number): number;
    defer(compute: () => number, forget: () => void): number;
  };
}

/** What a kernel of ours does: tensors and attributes in, tensors out. `A` is the type of its attributes. */
export type Kernel<A> = (
  backend: OpRunner,
  inputs: Record<string, tf.Tensor>,
  attributes: A,
) => tf.Tensor | tf.Tensor[];

/** Registers a kernel for the TensorFlow backend. What it makes beside its outputs is given back. */
export function registerKernel<A = object>(kernelName: string, kernel: Kernel<A>): void {
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() => kernel(backend as unknown as OpRunner, inputs as Record<string, tf.Tensor>, attrs as unknown as A)),
  });
}

/** Runs a kernel of ours within a gradient. */
export function run(name: string, inputs: Record<string, unknown>, attributes: object = {}): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
}

/** TensorFlow's numbers for the element types that our kernels name (TF_DataType). */
export const FLOAT = 1;
export const INT32 = 3;
export const BOOL = 10;

// The numbers are the C API's TF_AttrType.
export const string = (name: string, value: string | string[]): OpAttribute => ({ name, type: 0, value });
export const ints = (name: string, value: number | number[]): OpAttribute => ({ name, type: 1, value });
export const float = (name: string, value: number): OpAttribute => ({ name, type: 2, value });
export const bool = (name: string, value: boolean): OpAttribute => ({ name, type: 3, value });
export const type = (name: string, value: number | number[] = FLOAT): OpAttribute => ({ name, type: 4, value });
export const shape = (name: string, value: number[]): OpAttribute => ({ name, type: 5, value });

/** Channels last: the layout that every kernel of ours works in. */
export const NHWC: OpAttribute = string("data_format", "NHWC");

/** What marks an op as oneDNN's own in TensorFlow's kernel registry. */
export const ONEDNN: OpAttribute = string("_kernel", "MklNameChangeOp");
