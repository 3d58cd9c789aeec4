import { assertEquals, assertThrows } from "@std/assert";
import type { Attribute } from "../../../lib/engine/tensorflow/attributes.ts";
import { functionOfTwice } from "./functions.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();
const { TF_FLOAT, TF_INT32, TF_STRING } = binding;
const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_FUNC, TF_ATTR_INT, TF_ATTR_SHAPE, TF_ATTR_STRING, TF_ATTR_TYPE } = binding;

binding.addFunction(functionOfTwice("twice", "AddV2"));
binding.addFunction(functionOfTwice("square", "Mul"));

/** Runs an op on new tensors, reads its outputs and leaves no tensor behind. */
function run(op: string, attributes: Record<string, [type: number, value: unknown]>, inputs: number[], outputs = 1) {
  const list: Attribute[] = Object.entries(attributes).map(([name, [type, value]]) => ({ name, type, value }));
  try {
    const results = binding.executeOp(op, list, inputs, outputs);
    return results.map(({ id, shape }) => {
      const values = binding.tensorDataSync(id);
      binding.deleteTensor(id);
      return { shape, values: Array.from<unknown>(values) };
    });
  } finally {
    for (const id of inputs) binding.deleteTensor(id);
  }
}

const floats = (...values: number[]) => binding.createTensor([values.length], TF_FLOAT, Float32Array.from(values));
const matrix = (rows: number, columns: number, values: number[]) =>
  binding.createTensor([rows, columns], TF_FLOAT, Float32Array.from(values));
const ints = (...values: number[]) => binding.createTensor([values.length], TF_INT32, Int32Array.from(values));
const text = (value: string) => binding.createTensor([], TF_STRING, [new TextEncoder().encode(value)]);
const words = (values: unknown[]) => values.map((value) => new TextDecoder().decode(value as Uint8Array));

Deno.test("a string attribute is a string or bytes, zeros among them", () => {
  const join = (separator: string | Uint8Array) =>
    run("StringJoin", { N: [TF_ATTR_INT, 2], separator: [TF_ATTR_STRING, separator] }, [text("a"), text("b")])[0];
  assertEquals(words(join("–").values), ["a–b"]);
  assertEquals(words(join(Uint8Array.of(0, 45)).values), ["a\0-b"]);
});

Deno.test("a list of strings: the operations fused into a product", () => {
  const [{ values }] = run("_FusedMatMul", {
    T: [TF_ATTR_TYPE, TF_FLOAT],
    num_args: [TF_ATTR_INT, 1],
    fused_ops: [TF_ATTR_STRING, ["BiasAdd", "Relu"]],
  }, [matrix(1, 2, [1, 2]), matrix(2, 2, [1, -1, 1, -1]), floats(10, 1)]);
  assertEquals(values, [13, 0]);
});

Deno.test("whole numbers, alone (also beyond 32 bits) and in a list", () => {
  const [{ values }] = run("MaxPool", {
    T: [TF_ATTR_TYPE, TF_FLOAT],
    ksize: [TF_ATTR_INT, [1, 1, 2, 1]],
    strides: [TF_ATTR_INT, [1, 1, 2, 1]],
    padding: [TF_ATTR_STRING, "VALID"],
  }, [binding.createTensor([1, 1, 4, 1], TF_FLOAT, Float32Array.of(1, 5, 3, 2))]);
  assertEquals(values, [5, 3]);
  const seeded = () =>
    run("RandomUniform", {
      T: [TF_ATTR_TYPE, TF_INT32],
      dtype: [TF_ATTR_TYPE, TF_FLOAT],
      seed: [TF_ATTR_INT, 2n ** 40n],
      seed2: [TF_ATTR_INT, 2 ** 41],
    }, [ints(2)])[0].values;
  assertEquals(seeded().length, 2);
});

Deno.test("numbers, alone and in a list", () => {
  const [leaky] = run("LeakyRelu", { T: [TF_ATTR_TYPE, TF_FLOAT], alpha: [TF_ATTR_FLOAT, 0.5] }, [floats(-4, 4)]);
  assertEquals(leaky.values, [-2, 4]);
  const [buckets] = run("Bucketize", {
    T: [TF_ATTR_TYPE, TF_FLOAT],
    boundaries: [TF_ATTR_FLOAT, [0.5, 1.5]],
  }, [floats(0, 1, 2)]);
  assertEquals(buckets.values, [0, 1, 2]);
});

Deno.test("booleans; a list of them arrives as a list, which no op of TensorFlow takes", () => {
  const product = (transpose: unknown) =>
    run("MatMul", {
      T: [TF_ATTR_TYPE, TF_FLOAT],
      transpose_a: [TF_ATTR_BOOL, transpose],
    }, [matrix(2, 1, [3, 4]), matrix(2, 1, [1, 1])]);
  assertEquals(product(true)[0].values, [7]);
  assertThrows(() => product([true, false]), Error, "list(bool)");
});

Deno.test("a list of element types: an op on tensors of several", () => {
  const results = run("IdentityN", { T: [TF_ATTR_TYPE, [TF_FLOAT, TF_INT32]] }, [floats(0.5), ints(1, 2)], 2);
  assertEquals(results.map(({ values }) => values), [[0.5], [1, 2]]);
});

Deno.test("a shape, with sizes not known; a scalar's is empty", () => {
  const ensure = (shape: number[], input: number) =>
    run("EnsureShape", { T: [TF_ATTR_TYPE, TF_FLOAT], shape: [TF_ATTR_SHAPE, shape] }, [input])[0];
  assertEquals(ensure([-1], floats(1, 2)).shape, [2]);
  assertEquals(ensure([], binding.createTensor([], TF_FLOAT, Float32Array.of(1))).shape, []);
  assertThrows(() => ensure([3], floats(1, 2)), Error, "is not compatible with expected shape [3]");
});

Deno.test("a list of shapes: the elements of a queue", () => {
  const [queue] = binding.executeOp(
    "FIFOQueueV2",
    [
      { name: "component_types", type: TF_ATTR_TYPE, value: [TF_FLOAT, TF_INT32] },
      { name: "shapes", type: TF_ATTR_SHAPE, value: [[2], []] },
    ],
    [],
    1,
  );
  const put = (first: number, second: number) => {
    const attributes = [{ name: "Tcomponents", type: TF_ATTR_TYPE, value: [TF_FLOAT, TF_INT32] }];
    try {
      binding.executeOp("QueueEnqueueV2", attributes, [queue.id, first, second], 0);
    } finally {
      binding.deleteTensor(first);
      binding.deleteTensor(second);
    }
  };
  const number = () => binding.createTensor([], TF_INT32, Int32Array.of(1));
  put(floats(1, 2), number());
  assertThrows(() => put(floats(1, 2, 3), number()), Error, "component 0. Expected [2], got [3]");
  assertThrows(() => put(floats(1, 2), ints(1, 2)), Error, "component 1. Expected [], got [2]");
  binding.deleteTensor(queue.id);
});

Deno.test("a function, and a list of functions", () => {
  const types = { Tin: [TF_ATTR_TYPE, [TF_FLOAT]], Tout: [TF_ATTR_TYPE, [TF_FLOAT]] } as const;
  const [called] = run("PartitionedCall", { ...types, f: [TF_ATTR_FUNC, "square"] } as never, [floats(3)]);
  assertEquals(called.values, [9]);
  const chosen = (index: number) =>
    run(
      "Case",
      { ...types, branches: [TF_ATTR_FUNC, ["twice", "square"]] } as never,
      [binding.createTensor([], TF_INT32, Int32Array.of(index)), floats(3)],
    )[0].values;
  assertEquals([chosen(0), chosen(1)], [[6], [9]]);
});

Deno.test("an attribute of the wrong kind is refused by name", () => {
  const cases: [number, unknown, string][] = [
    [TF_ATTR_TYPE, "float", 'expected the number of an element type (TF_DataType), found "float"'],
    [TF_ATTR_INT, [1, 0.5], "expected an integer, found [1,0.5]"],
    [TF_ATTR_FLOAT, true, "expected a number, found true"],
    [TF_ATTR_BOOL, 1, "expected true or false, found 1"],
    [TF_ATTR_STRING, 7, "expected a string or its bytes, found 7"],
    [TF_ATTR_SHAPE, "2", 'expected a shape: an array of sizes, -1 where unknown, found "2"'],
    [TF_ATTR_FUNC, 3, "expected the name of a function, found 3"],
  ];
  for (const [type, value, complaint] of cases) {
    const error = assertThrows(() => run("Identity", { T: [type, value] }, [floats(1)]), TypeError);
    assertEquals(error.message, `Cannot set T of Identity: ${complaint}`);
  }
  const error = assertThrows(() => run("Identity", { T: [99, 1] }, [floats(1)]), TypeError);
  assertEquals(error.message, "Cannot set T of Identity: no kind of attribute has the number 99");
});
