import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Autocast } from "../../../lib/engine/tensorflow/autocast.ts";
import { TF_BFLOAT16 } from "../../../lib/engine/tensorflow/dtypes.ts";
import { denseAttributes, depthwiseAttributes } from "../../../lib/engine/tensorflow/kernels/conv_geometry.ts";
import { bool, type OpAttribute, type } from "../../../lib/engine/tensorflow/kernels/op.ts";
import { noLeaks } from "../../tensors.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

// Nothing here may call usePrecision: the binding would cast what these tests are about.
const backend = await tensorflowBackend();
const { binding } = backend;

/** Each product, on a few numbers: its attributes, and its inputs as float32 tensors or shapes. */
const geometry = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] } as Parameters<typeof denseAttributes>[0];
const [dense, depthwise] = [denseAttributes(geometry, "SAME"), depthwiseAttributes(geometry, "SAME")];
const sides = (a: string, b: string): OpAttribute[] => [type("T"), bool(a, false), bool(b, true)];
const [images, filter, taps] = [[2, 4, 4, 3], [3, 3, 3, 3], [3, 3, 3, 1]];
const PRODUCTS: [string, OpAttribute[], (number[] | { shape: number[] })[]][] = [
  ["MatMul", sides("transpose_a", "transpose_b"), [[3, 4], [5, 4]]],
  ["BatchMatMulV2", sides("adj_x", "adj_y"), [[2, 3, 4], [2, 5, 4]]],
  ["Conv2D", dense, [images, filter]],
  ["Conv2DBackpropInput", dense, [{ shape: images }, filter, images]],
  ["Conv2DBackpropFilter", dense, [images, { shape: filter }, images]],
  ["DepthwiseConv2dNative", depthwise, [images, taps]],
  ["DepthwiseConv2dNativeBackpropInput", depthwise, [{ shape: images }, taps, images]],
  ["DepthwiseConv2dNativeBackpropFilter", depthwise, [images, { shape: taps }, images]],
];

for (const [op, attributes, inputs] of PRODUCTS) {
  noLeaks(`${op}: rounded inputs and results in float32 are the numbers of the op in bfloat16`, async () => {
    tf.setBackend("tensorflow");
    const tensors = {
      dtype: binding.dtype.bind(binding),
      shape: () => [1],
      run: binding.executeOp.bind(binding),
      free: binding.deleteTensor.bind(binding),
    };
    const given = inputs.map((input) =>
      "shape" in input ? tf.tensor1d(input.shape, "int32") : tf.randomUniform(input, -1, 1, "float32", 7)
    );
    const results = [true, false].map((hasProducts) => {
      const autocast = new Autocast(tensors, hasProducts);
      autocast.on = true;
      const [result] = autocast.run(op, attributes, backend.getInputTensorIds(given), 1);
      autocast.on = false;
      return backend.createOutputTensor(result);
    });
    const [native, rounded] = await Promise.all(results.map((one) => one.data<"float32">()));
    assertEquals(results.map((one) => binding.dtype(backend.getInputTensorIds([one])[0])), [TF_BFLOAT16, TF_BFLOAT16]);
    const largest = native.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert(largest > 0.1);
    native.forEach((value, i) => {
      // One place of rounding, and for what adds up in bfloat16 on this CPU a few.
      assert(Math.abs(value - rounded[i]) <= 2 ** -6 * largest, `${op}: ${value} and ${rounded[i]} at ${i}`);
    });
    tf.dispose([given, results]);
  });
}
