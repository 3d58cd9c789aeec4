import * as tf from "@tensorflow/tfjs";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import type { Attribute } from "./attributes.ts";
import { reading } from "../budget.ts";
import { freeForgotten } from "../memory.ts";
import { giveBackFreed } from "./give_back.ts";
import { keepFreed } from "./keep_freed.ts";
import { Binding, type TensorMetadata } from "./binding.ts";
import { elementType, TF_BFLOAT16, tfjsType } from "./dtypes.ts";
import { type Library, libraryFolder, lookAt } from "./library.ts";
import "./node_util.ts";
import { openLibrary } from "./open.ts";
import { sessionConfig } from "./session_config.ts";

/** What tfjs-node's backend keeps for a tensor: values until an op needs them, then TensorFlow's number for it. */
export interface TensorData {
  shape: number[];
  dtype: number;
  values: tf.backend_util.BackendValues | null;
  /** -1 as long as there are only values. */
  id: number;
  refCount: number;
}

/** tfjs-node's backend, as far as it is used here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: tf.DataStorage<TensorData>;
  executeSingleOutput(op: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(op: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
}

const Base = NodeJSKernelBackend as unknown as new (binding: Binding, packageName: string) => NodeBackend;

/** tfjs-node's backend over our binding. */
export class TensorflowBackend extends Base {
  /** @param gpuFailure why a GPU that there is could not be started */
  constructor(binding: Binding, readonly gpuFailure?: string) {
    super(binding, "@tensorflow/tfjs-node-gpu");
  }

  /**
   * What tfjs-node calls with each output of an op. It refuses element types that tfjs has no name for; here they pass
   * as the nearest one that it has, so that bfloat16 can go from one op to the next and be read as float32.
   */
  createOutputTensor({ id, shape, dtype }: TensorMetadata): tf.Tensor {
    const named = tfjsType(dtype);
    if (!named) {
      this.binding.deleteTensor(id);
      throw new TypeError(`Cannot keep an output of type ${elementType(dtype).name}: tfjs has no such tensors`);
    }
    const dataId = {};
    this.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: named });
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    const values = this.readSync(dataId); // before anything is awaited: the tensor may be disposed meanwhile
    await reading();
    return values;
  }
}

/**
 * Starts TensorFlow and makes it tfjs's backend `tensorflow`, which it then computes with.
 *
 * @param library where TensorFlow's C library is; `THAW_LIBTENSORFLOW` or thaw's cache unless given
 * @param threads how many threads one op may use; one for each processor unless given
 * @param gpu whether a GPU is looked for; a GPU build complains on stderr where there is no driver
 * @throws Error with the reason when it does not start
 */
export function startTensorflow(library?: Library, threads?: number, gpu = true): TensorflowBackend {
  const started = tf.findBackend("tensorflow");
  if (started instanceof TensorflowBackend) return started;
  keepFreed();
  const api = openLibrary(library ?? givenLibrary());
  const { binding, gpuFailure } = withGpuOrWithout(gpu, (gpu) => new Binding(api, sessionConfig(threads, gpu)));
  const backend = new TensorflowBackend(binding, gpuFailure);
  tf.registerBackend("tensorflow", () => backend, 3);
  tf.setBackend("tensorflow");
  freeForgotten(backend.tensorMap, {
    describe: ({ shape, dtype, values }) => ({
      dtype: tfjsType(dtype)!,
      size: tf.util.sizeFromShape(shape),
      bytesEach: dtype === TF_BFLOAT16 ? elementType(dtype).bytes : undefined,
      strings: values as Uint8Array[] | null,
    }),
    free({ id }) {
      if (id >= 0) backend.binding.deleteTensor(id);
    },
    giveBackFreed,
  });
  return backend;
}

/** Starts TensorFlow on the CPU alone where it does not start otherwise: a card's memory may be taken by others. */
export function withGpuOrWithout<T>(
  wanted: boolean,
  start: (gpu: boolean) => T,
): { binding: T; gpuFailure?: string } {
  try {
    return { binding: start(wanted) };
  } catch (error) {
    if (!wanted) throw error;
    const { message } = error as Error;
    try {
      return { binding: start(false), gpuFailure: message };
    } catch {
      throw error;
    }
  }
}

function givenLibrary(): Library {
  const place = Deno.env.get("THAW_LIBTENSORFLOW") || libraryFolder();
  const found = lookAt(place);
  if (typeof found === "string") throw new Error(`Cannot start TensorFlow: ${found}`);
  return { place, ...found };
}
