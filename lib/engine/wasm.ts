import * as tf from "@tensorflow/tfjs";
import { reading } from "./budget.ts";
import { freeForgotten } from "./memory.ts";
import { type Rung, setBackend } from "./rung.ts";

interface WasmData {
  id: number;
  memoryOffset: number | null;
  shape: number[];
  dtype: tf.DataType;
  stringBytes?: Uint8Array[];
  refCount: number;
}

interface WasmBackend extends tf.KernelBackend {
  dataIdMap: tf.DataStorage<WasmData>;
  wasm: { _free(address: number): void; tfjs: { disposeData(id: number): void } };
}

/**
 * tfjs's kernels in WebAssembly: SIMD but one thread. It finds its own .wasm file beside it, and uses no threads under
 * Deno, for it takes Deno for Node.
 */
export const wasm: Rung = {
  name: "wasm",
  async start() {
    const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    await setBackend("wasm");
    const backend = tf.backend() as WasmBackend;
    moveInputsFirst(backend);
    freeForgotten(backend.dataIdMap, {
      describe: ({ shape, dtype, stringBytes }) => ({
        dtype,
        size: tf.util.sizeFromShape(shape),
        strings: stringBytes,
      }),
      free({ id, memoryOffset }) {
        if (memoryOffset !== null) backend.wasm._free(memoryOffset);
        backend.wasm.tfjs.disposeData(id);
      },
    });
    const read = backend.readSync.bind(backend);
    backend.read = async (dataId) => {
      const values = read(dataId); // before anything is awaited: the tensor may be disposed meanwhile
      await reading();
      return values;
    };
    return { device: "CPU", version: `tfjs-backend-wasm ${version_wasm}`, threads: 1, gpu: false, misses: [] };
  },
};

/**
 * Moves a kernel's inputs onto WebAssembly's heap before the kernel looks at it. Some of tfjs's kernels take a view of the
 * heap and move an input from another rung after that, which may grow the heap, and then the view is detached.
 */
function moveInputsFirst(backend: WasmBackend): void {
  for (const kernel of tf.getKernelsForBackend("wasm")) {
    tf.unregisterKernel(kernel.kernelName, "wasm");
    tf.registerKernel({
      ...kernel,
      kernelFunc(call) {
        for (const input of Object.values(call.inputs).flat()) if (input) backend.dataIdMap.get(input.dataId);
        return kernel.kernelFunc(call);
      },
    });
  }
}
