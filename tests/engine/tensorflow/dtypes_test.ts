import { assertEquals, assertThrows } from "@std/assert";
import type { HostValues } from "../../../lib/engine/tensorflow/host_tensor.ts";
import { bfloat16Bits, elementType } from "../../../lib/engine/tensorflow/dtypes.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();
const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });

const VALUES: [dtype: number, values: HostValues, read?: HostValues][] = [
  [1, Float32Array.of(0.5, -3e38)],
  [2, Float64Array.of(0.1, -1e300)],
  [3, Int32Array.of(1, -(2 ** 31))],
  [4, Uint8Array.of(0, 255)],
  [5, Int16Array.of(1, -(2 ** 15))],
  [6, Int8Array.of(1, -128)],
  [9, BigInt64Array.of(1n, -(2n ** 63n))],
  [10, Uint8Array.of(0, 1)],
  [14, Uint16Array.of(0x3f80, 0xc040), Float32Array.of(1, -3)],
  [17, Uint16Array.of(1, 65535)],
  [19, Uint16Array.of(0x3c00, 0xc200), Float32Array.of(1, -3)],
  [22, Uint32Array.of(1, 2 ** 32 - 1)],
  [23, BigUint64Array.of(1n, 2n ** 64n - 1n)],
];

for (const [dtype, values, read = values] of VALUES) {
  Deno.test(`${elementType(dtype).name} values go in and out, through an op`, () => {
    const id = binding.createTensor([2, 1], dtype, values);
    const [copy] = binding.executeOp("Identity", [type("T", dtype)], [id], 1);
    assertEquals(copy, { id: copy.id, shape: [2, 1], dtype });
    assertEquals(binding.tensorDataSync(copy.id) as HostValues, read);
    binding.deleteTensor(id);
    binding.deleteTensor(copy.id);
  });
}

Deno.test("complex numbers are pairs", () => {
  for (const [dtype, values] of [[8, Float32Array.of(1, 2, 3, 4)], [18, Float64Array.of(1, 2, 3, 4)]] as const) {
    const id = binding.createTensor([2], dtype, values);
    assertEquals(binding.tensorDataSync(id) as HostValues, values);
    binding.deleteTensor(id);
  }
});

Deno.test("int64 is also made of pairs of int32, as tfjs-node passes it", () => {
  const id = binding.createTensor([2], binding.TF_INT64, Int32Array.of(5, 0, -1, -1));
  assertEquals(binding.tensorDataSync(id) as HostValues, BigInt64Array.of(5n, -1n));
  binding.deleteTensor(id);
});

Deno.test("casting to half precision rounds to the nearest, ties to even", () => {
  const id = binding.createTensor(
    [4],
    binding.TF_FLOAT,
    Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1e-40, Infinity),
  );
  const read = (half: number) => {
    const [cast] = binding.executeOp("Cast", [type("SrcT", 1), type("DstT", half)], [id], 1);
    const [back] = binding.executeOp("Cast", [type("SrcT", half), type("DstT", 1)], [cast.id], 1);
    const values = [binding.tensorDataSync(cast.id), binding.tensorDataSync(back.id)];
    for (const { id } of [cast, back]) binding.deleteTensor(id);
    assertEquals(values[0], values[1]); // what we decode is what TensorFlow decodes
    return values[0] as Float32Array;
  };
  assertEquals([...read(14)].slice(0, 2), [1, 1 + 2 ** -6]); // bfloat16 has 7 bits after the point
  assertEquals([...read(19)], [1 + 2 ** -8, 1 + 3 * 2 ** -8, 0, Infinity]); // float16 has 10
  binding.deleteTensor(id);
});

Deno.test("the bits of a bfloat16 are those that TensorFlow rounds to", () => {
  const numbers = Float32Array.of(0, -0, 1, -2.5, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 0.1, 3.4e38, -Infinity, 1e-40, NaN);
  const id = binding.createTensor([numbers.length], binding.TF_FLOAT, numbers);
  const [cast] = binding.executeOp("Cast", [type("SrcT", 1), type("DstT", 14)], [id], 1);
  const made = binding.createTensor([numbers.length], 14, Uint16Array.from(numbers, bfloat16Bits));
  const values = [cast.id, made].map((one) => [...binding.tensorDataSync(one) as Float32Array]);
  assertEquals(values[1].with(9, 0), values[0].with(9, 0));
  assertEquals(Math.abs(values[0][9] - values[1][9]) < 1e-39, true); // TensorFlow may flush what is that small
  for (const one of [id, cast.id, made]) binding.deleteTensor(one);
});

Deno.test("values that do not fit are refused with what was expected", () => {
  const make = (shape: number[], dtype: number, values: unknown) => () =>
    binding.createTensor(shape, dtype, values as HostValues);
  const text = (run: () => unknown) => assertThrows(run).message;
  assertEquals(
    text(make([2], 3, Float32Array.of(1, 2))),
    "Cannot make [2] int32: expected Int32Array, found Float32Array",
  );
  assertEquals(text(make([2], 1, [1, 2])), "Cannot make [2] float32: expected Float32Array, found Array");
  assertEquals(text(make([2, 2], 1, Float32Array.of(1))), "Cannot make [2, 2] float32: expected 4 values, found 1");
  assertEquals(text(make([2], 7, ["a", "b"])), "Cannot make [2] string: expected an array of Uint8Array, found Array");
  assertEquals(text(make([1], 7, [])), "Cannot make [1] string: expected 1 values, found 0");
  assertEquals(
    text(make([], 20, Uint8Array.of(1))),
    "Cannot make [] resource: expected an element type that JavaScript has values of, found Uint8Array",
  );
  assertEquals(text(make([1], 1, null)), "Cannot make [1] float32: expected Float32Array, found null");
});
