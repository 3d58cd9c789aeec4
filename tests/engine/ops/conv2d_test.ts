import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { conv2d, type Conv2dGeometry, pad2d, samePadding } from "../../../lib/engine/ops/conv2d.ts";
import { assertClose, onEachEngine, type Plain, plain, read, tensor } from "../../tensors.ts";

/** The definition, written out. */
function convolve(x: Plain, filter: Plain, { stride, padding, dilation, groups }: Conv2dGeometry): Plain {
  const [n, h, w, c] = x.shape, [kh, kw, depth, out] = filter.shape;
  const height = Math.floor((h + padding[0] + padding[1] - (kh - 1) * dilation[0] - 1) / stride[0]) + 1;
  const width = Math.floor((w + padding[2] + padding[3] - (kw - 1) * dilation[1] - 1) / stride[1]) + 1;
  const y = { shape: [n, height, width, out], data: new Float32Array(n * height * width * out) };
  y.data.forEach((_, at) => {
    const o = at % out, column = Math.floor(at / out) % width, row = Math.floor(at / out / width) % height;
    const image = Math.floor(at / out / width / height), first = Math.floor(o / (out / groups)) * depth;
    let sum = 0;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const [r, s] = [
          row * stride[0] + i * dilation[0] - padding[0],
          column * stride[1] + j * dilation[1] - padding[2],
        ];
        if (r < 0 || r >= h || s < 0 || s >= w) continue;
        for (let d = 0; d < depth; d++) {
          sum += x.data[((image * h + r) * w + s) * c + first + d] * filter.data[((i * kw + j) * depth + d) * out + o];
        }
      }
    }
    y.data[at] = sum;
  });
  return y;
}

const geometries: [name: string, filter: number[], geometry: Partial<Conv2dGeometry>][] = [
  ["plain", [3, 3, 4, 5], {}],
  ["1x1", [1, 1, 4, 3], {}],
  ["strided and padded", [3, 3, 4, 2], { stride: [2, 2], padding: [1, 1, 1, 1] }],
  ["padded as SAME", [3, 3, 4, 2], { stride: [2, 2], padding: [1, 1, 0, 1] }],
  ["uneven everything", [2, 4, 4, 3], { stride: [3, 1], padding: [0, 2, 3, 1], dilation: [2, 1] }],
  ["grouped and dilated", [3, 2, 2, 6], { groups: 2, dilation: [1, 3], padding: [2, 2, 2, 2] }],
  ["depthwise", [3, 3, 1, 4], { groups: 4, padding: [1, 1, 1, 1], stride: [2, 2] }],
  ["depthwise, multiplied", [3, 3, 1, 8], { groups: 4 }],
  ["depthwise, unequal strides", [3, 3, 1, 8], { groups: 4, stride: [1, 2], padding: [1, 1, 1, 1] }],
];

for (const [name, shape, partial] of geometries) {
  onEachEngine(`conv2d is the sum that defines it: ${name}`, async () => {
    const geometry = {
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      groups: 1,
      ...partial,
    } as Conv2dGeometry;
    const x = plain("x", [2, 7, 8, 4]), filter = plain("filter", shape);
    const y = tf.tidy(() => conv2d(tensor(x), tensor(filter), geometry));
    assertClose(await read(y), convolve(x, filter, geometry), 1e-6, name);
  });
}

Deno.test("SAME padding is TensorFlow's: the odd zero comes after", () => {
  assertEquals(samePadding(7, 3, 2), [1, 1]);
  assertEquals(samePadding(8, 3, 2), [0, 1]);
  assertEquals(samePadding(8, 4, 1), [1, 2]);
  assertEquals(samePadding(5, 3, 1, 2), [2, 2]);
  assertEquals(samePadding(4, 1, 2), [0, 0], "never less than none");
});

onEachEngine("pad2d surrounds with a value, and hands on what needs none", async () => {
  const x = tensor<tf.Tensor4D>({ shape: [1, 1, 1, 1], data: new Float32Array([5]) });
  const { shape, data } = await read(pad2d(x, [1, 0, 0, 2], -1));
  assertEquals([shape, [...data]], [[1, 2, 3, 1], [-1, -1, -1, 5, -1, -1]]);
  assertEquals(pad2d(x, [0, 0, 0, 0]) === x, true);
  x.dispose();
});
