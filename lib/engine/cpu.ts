import * as tf from "@tensorflow/tfjs";
import { freeForgotten } from "./memory.ts";
import { type Rung, setBackend } from "./rung.ts";

interface CpuData {
  values?: tf.backend_util.BackendValues;
  dtype: tf.DataType;
  refCount: number;
}

/** tfjs's plain JavaScript: everywhere, and slow. */
export const cpu: Rung = {
  name: "cpu",
  async start() {
    await setBackend("cpu");
    const backend = tf.backend() as tf.KernelBackend & { data: tf.DataStorage<CpuData>; firstUse: boolean };
    backend.firstUse = false; // it would advise to install tfjs-node
    freeForgotten(backend.data, {
      describe: ({ values, dtype }) => ({
        dtype,
        size: values?.length ?? 0,
        strings: values as Uint8Array[] | undefined,
      }),
    });
    return { device: "CPU", version: `tfjs ${tf.version.tfjs}`, threads: 1, gpu: false, misses: [] };
  },
};
