import { bfloat16Bits } from "../dtypes.ts";
import { BOOL, FLOAT, INT32, type OpRunner, type } from "./op.ts";
import { wrapKernel } from "./wrap.ts";

interface PadAttributes {
  paddings: [number, number][];
  constantValue: number;
}

/**
 * Padding with zeros, or with a number that stays in main memory. tfjs-node makes an ordinary tensor of it, which is brought to
 * the card as all are, and on a card TensorFlow's op wants it back.
 */
export function registerPad(): void {
  wrapKernel<PadAttributes>("PadV2", (backend, { x }, { paddings, constantValue }) => {
    const dtype = { float32: FLOAT, int32: INT32, bool: BOOL }[x.dtype as string];
    if (dtype === undefined) return undefined;
    const { binding } = backend;
    const [input] = backend.getInputTensorIds([x]);
    const made = [binding.createTensor([paddings.length, 2], INT32, Int32Array.from(paddings.flat()))];
    if (constantValue !== 0) made.push(hostNumber(binding, binding.dtype(input), constantValue));
    const attributes = [type("T", dtype), type("Tpaddings", INT32)];
    try {
      const [output] = binding.executeOp(made.length > 1 ? "PadV2" : "Pad", attributes, [input, ...made], 1);
      return backend.createOutputTensor(output);
    } finally {
      for (const id of made) binding.deleteTensor(id);
    }
  });
}

/** One number in main memory, of the type that it is to stand beside. */
function hostNumber(binding: OpRunner["binding"], dtype: number, value: number): number {
  const values =
    { [FLOAT]: Float32Array.of(value), [INT32]: Int32Array.of(value), [BOOL]: Uint8Array.of(value) }[dtype] ??
      Uint16Array.of(bfloat16Bits(value));
  return binding.createHostTensor([], dtype, values);
}
