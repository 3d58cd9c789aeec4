import { FLOAT, INT32, type OpRunner, registerKernel } from "./op.ts";

interface ConstantAttributes {
  values: Float32Array | Int32Array;
  shape: number[];
}

// By the array and the shape: TensorFlow's number for them on the device.
const kept = new WeakMap<object, Map<string, number>>();
const forgotten = new FinalizationRegistry<() => void>((free) => free());

/** Values that stay on the device, and others that are brought there when they are asked for; see ops/constant.ts, ops/bring.ts. */
export function registerPlacement(): void {
  registerKernel<ConstantAttributes>("ThawConstant", (backend, _inputs, { values, shape }) => {
    const dtype = values instanceof Int32Array ? INT32 : FLOAT;
    const id = backend.binding.share(constantId(backend.binding, values, dtype, shape));
    return backend.createOutputTensor({ id, shape, dtype });
  });
  registerKernel("ThawBring", (backend, { x }) => {
    backend.binding.moveToDevice(backend.getInputTensorIds([x])[0]);
    return [];
  });
}

function constantId(
  binding: OpRunner["binding"],
  values: ConstantAttributes["values"],
  dtype: number,
  shape: number[],
): number {
  const known = kept.get(values) ?? new Map<string, number>();
  kept.set(values, known);
  const key = shape.join();
  let id = known.get(key);
  if (id === undefined) {
    const made = id = binding.createTensor(shape, dtype, values);
    binding.moveToDevice(made);
    known.set(key, made);
    forgotten.register(values, () => binding.deleteTensor(made));
  }
  return id;
}
