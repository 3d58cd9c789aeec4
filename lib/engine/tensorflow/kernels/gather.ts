import { BOOL, FLOAT, INT32, ints, type } from "./op.ts";
import { wrapKernel } from "./wrap.ts";

interface GatherAttributes {
  axis: number;
  batchDims: number;
}

/**
 * Gathers by positions that TensorFlow has already without reading them back: tfjs-node does, to see whether each is in range.
 * Computing on the CPU the op itself sees to that; on a card it gives zeros for what is not there.
 */
export function registerGather(): void {
  wrapKernel<GatherAttributes>("GatherV2", (backend, { x, indices }, { axis, batchDims }) => {
    const dtype = { float32: FLOAT, int32: INT32, bool: BOOL }[x.dtype as string];
    const known = backend.tensorMap.get(indices.dataId).values !== null; // then looking costs nothing
    if (known || dtype === undefined || indices.dtype !== "int32") return undefined;
    const { binding } = backend;
    const along = binding.createTensor([], INT32, Int32Array.of(axis));
    try {
      const attributes = [
        ints("batch_dims", batchDims),
        type("Tparams", dtype),
        type("Tindices", INT32),
        type("Taxis", INT32),
      ];
      const inputs = [...backend.getInputTensorIds([x, indices]), along];
      return backend.createOutputTensor(binding.executeOp("GatherV2", attributes, inputs, 1)[0]);
    } finally {
      binding.deleteTensor(along);
    }
  });
}
