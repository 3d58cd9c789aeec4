import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { startTensorflow, withGpuOrWithout } from "../../../lib/engine/tensorflow/backend.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const backend = await tensorflowBackend();
const BFLOAT16 = 14;
const type = (name: string, value: number) => ({ name, type: backend.binding.TF_ATTR_TYPE, value });

Deno.test("TensorFlow is started once", () => {
  assertStrictEquals(startTensorflow(), backend);
});

Deno.test("a bfloat16 tensor goes from op to op as a float32 one and is read as numbers", async () => {
  const before = [tf.memory().numTensors, backend.binding.getNumOfTensors()];
  const sum = tf.tidy(() => {
    const half = backend.executeSingleOutput("Cast", [type("SrcT", 1), type("DstT", BFLOAT16)], [
      tf.tensor1d([1, 2.5]),
    ]);
    return backend.executeSingleOutput("AddV2", [type("T", BFLOAT16)], [half, half]);
  });
  assertEquals(sum.dtype, "float32");
  assertEquals([...await sum.data()], [2, 5]);
  sum.dispose();
  assertEquals([tf.memory().numTensors, backend.binding.getNumOfTensors()], before);
});

Deno.test("an output that no tensor of tfjs can hold is refused and freed", () => {
  const before = backend.binding.getNumOfTensors();
  const attributes = [
    { name: "element_dtype", type: backend.binding.TF_ATTR_TYPE, value: 1 },
    { name: "shape_type", type: backend.binding.TF_ATTR_TYPE, value: 3 },
  ];
  const shape = tf.tensor1d([2], "int32"), size = tf.scalar(1, "int32");
  const error = assertThrows(
    () => backend.executeSingleOutput("TensorListReserve", attributes, [shape, size]),
    TypeError,
  );
  assertEquals(error.message, "Cannot keep an output of type variant: tfjs has no such tensors");
  tf.dispose([shape, size]);
  assertEquals(backend.binding.getNumOfTensors(), before);
});

Deno.test("a GPU that cannot be started is left, and its reason kept", () => {
  const asked: boolean[] = [];
  const start = (gpu: boolean) => {
    asked.push(gpu);
    if (gpu) throw new Error("Cannot start TensorFlow: out of memory");
    return "CPU";
  };
  assertEquals(withGpuOrWithout(true, start), { binding: "CPU", gpuFailure: "Cannot start TensorFlow: out of memory" });
  assertEquals(asked, [true, false]);
  assertEquals(withGpuOrWithout(true, (gpu) => gpu), { binding: true });
  const neither = (gpu: boolean) => {
    throw new Error(gpu ? "the first reason" : "another");
  };
  assertThrows(() => withGpuOrWithout(true, neither), Error, "the first reason");
  assertEquals(withGpuOrWithout(false, (gpu) => gpu), { binding: false });
  assertThrows(() => withGpuOrWithout(false, neither), Error, "another");
});

Deno.test("memory that is used up is an error, after which computing goes on", async () => {
  const before = tf.memory().numTensors;
  const error = assertThrows(() => tf.tidy(() => tf.fill([2 ** 20, 2 ** 20, 2 ** 4], 1)), Error);
  assertStringIncludes(error.message, "Memory is used up: take smaller batches or smaller images");
  assertEquals(tf.memory().numTensors, before);
  const two = tf.tidy(() => tf.add(tf.ones([1]), 1));
  assertEquals([...await two.data()], [2]);
  two.dispose();
});
