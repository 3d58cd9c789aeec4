import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js";
import type { Binding } from "../../../lib/engine/tensorflow/binding.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();

/** The contract without the addon's classes, which are nothing but types, and a constant that the addon does not have. */
type Contract = Omit<
  TFJSBinding,
  "TensorMetadata" | "TFEOpAttr" | "TF_ATTR_RESOURCE" | "createTensor" | "tensorDataSync"
>;

Deno.test("the binding keeps the contract of tfjs-node's addon", () => {
  const contract: Contract = binding satisfies Binding; // checked by the compiler
  assertMatch(contract.TF_Version, /^\d+\.\d+/);
  assertEquals(contract.TF_ATTR_SHAPE, 5);
});

const conv = [
  { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  { name: "strides", type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  { name: "padding", type: binding.TF_ATTR_STRING, value: "SAME" },
];

/** Runs with zeros of these shapes and frees them. */
function withZeros<T>(shapes: number[][], use: (ids: number[]) => T): T {
  const ids = shapes.map((shape) => {
    return binding.createTensor(shape, binding.TF_FLOAT, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  });
  try {
    return use(ids);
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

Deno.test("an op that fails is named with its inputs and TensorFlow's reason, and leaves nothing behind", () => {
  const before = binding.getNumOfTensors();
  withZeros([[1, 8, 8, 3], [3, 3, 4, 8]], (ids) => {
    const error = assertThrows(() => binding.executeOp("Conv2D", conv, ids, 1), Error);
    assertEquals(
      error.message,
      "Cannot run Conv2D on [1, 8, 8, 3] float32, [3, 3, 4, 8] float32: " +
        "input depth must be evenly divisible by filter depth: 3 vs 4",
    );
  });
  assertEquals(binding.getNumOfTensors(), before);
});

Deno.test("the binding works on after an op has failed", () => {
  withZeros([[2]], (ids) => {
    assertThrows(() => binding.executeOp("MatMul", [conv[0]], [...ids, ...ids], 1), Error, "Cannot run MatMul on [2]");
    const [{ id, shape }] = binding.executeOp("Neg", [conv[0]], ids, 1);
    assertEquals(shape, [2]);
    binding.deleteTensor(id);
  });
});

Deno.test("an op that TensorFlow does not know is refused, with and without inputs", () => {
  const error = assertThrows(() => binding.executeOp("Thaw", [], [], 1), Error);
  assertMatch(error.message, /^Cannot run Thaw: 'Thaw' is neither a type of a primitive operation nor/);
  withZeros([[2]], (ids) => {
    assertThrows(
      () => binding.executeOp("Thaw", [], ids, 1),
      Error,
      "Cannot run Thaw on [2] float32: 'Thaw' is neither",
    );
  });
});

Deno.test("tensors that are not there are refused", () => {
  const id = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(1));
  binding.deleteTensor(id);
  const gone = `tensor ${id}: expected one that TensorFlow holds, found none (freed already?)`;
  assertEquals(assertThrows(() => binding.deleteTensor(id)).message, `Cannot free ${gone}`);
  assertEquals(assertThrows(() => binding.tensorDataSync(id)).message, `Cannot read ${gone}`);
  const run = () => binding.executeOp("Neg", [conv[0]], [id], 1);
  assertEquals(assertThrows(run).message, `Cannot run Neg on ${gone}`);
});

Deno.test("a resource handle is read as bytes", () => {
  const [{ id, dtype }] = binding.executeOp(
    "VarHandleOp",
    [
      { name: "dtype", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      { name: "shape", type: binding.TF_ATTR_SHAPE, value: [2] },
    ],
    [],
    1,
  );
  assertEquals(dtype, binding.TF_RESOURCE);
  assert((binding.tensorDataSync(id) as Uint8Array).length > 0);
  binding.deleteTensor(id);
});
