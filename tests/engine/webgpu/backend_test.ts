import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { memoryInUse, releaseForgotten } from "../../../lib/engine/mod.ts";
import { NotAtHandError } from "../../../lib/engine/not_at_hand.ts";
import { atHand } from "../../../lib/engine/ops/at_hand.ts";
import { sparseCrossEntropy } from "../../../lib/engine/ops/cross_entropy.ts";
import { onWebgpu, webgpu } from "./webgpu_for_tests.ts";

/** So many numbers from 0 that the card computed; fewer than a thousand tfjs computes by itself. */
const computed = (size = 2000) => tf.tidy(() => tf.mul(tf.range(0, size), 1));

onWebgpu("a tensor is read as it was, though it is disposed of meanwhile and its memory used again", async () => {
  const reads: Promise<tf.TypedArray>[] = [];
  for (let i = 0; i < 50; i++) {
    const x = tf.tidy(() => tf.add(tf.range(0, 2000), i));
    reads.push(x.data());
    x.dispose();
  }
  const found = await Promise.all(reads);
  assertEquals(found.map((values) => [values[0], values[1999]]), found.map((_, i) => [i, i + 1999]));
});

onWebgpu("what is read is the reader's own", async () => {
  const x = computed();
  (await x.data()).fill(7);
  assertEquals((await x.data())[3], 3);
  x.dispose();
});

onWebgpu("what the card has cannot be read at once, and the error says what to do", () => {
  const x = computed();
  const error = assertThrows(() => x.dataSync(), NotAtHandError);
  assertEquals(
    error.message,
    "Cannot read a tensor at once on webgpu: expected its values in memory, found them on the card; " +
      'await its data() or array(), or go to another rung for this step: await useEngine("wasm")',
  );
  assertEquals(atHand(x), undefined);
  x.dispose();
});

onWebgpu("whole numbers that came from here can be read at once, also when they were used on the card", () => {
  const labels = tf.tensor1d(Int32Array.from({ length: 300 }, (_, i) => i % 7), "int32");
  const used = tf.oneHot(labels, 7);
  assertEquals(atHand(labels)![8], 1);
  tf.dispose([labels, used]);
});

onWebgpu("a label that is no class is refused, and where the card computed it the loss is no number", async () => {
  const logits = tf.zeros<tf.Rank.R2>([2000, 3]);
  const known = tf.tensor1d(Int32Array.from({ length: 2000 }, (_, i) => i === 1500 ? 3 : 0), "int32");
  assertThrows(() => sparseCrossEntropy(logits, known), RangeError, "expected labels from 0 to 2, found 3");
  const unknown = tf.tidy(() => tf.cast(tf.mul(tf.add(tf.range(0, 2000), 0.5), 1 / 500), "int32")) as tf.Tensor1D; // 0 to 3
  const losses = tf.tidy(() => sparseCrossEntropy(logits, unknown));
  const found = await losses.data();
  for (const loss of [found[0], found[1499]]) {
    assert(Math.abs(loss - Math.log(3)) < 1e-6, `expected log 3, found ${loss}`);
  }
  assertEquals([found[1500], found[1999]], [NaN, NaN]);
  tf.dispose([logits, known, unknown, losses]);
});

onWebgpu("tensors that are disposed of, or forgotten, give the card's memory back", async () => {
  await releaseForgotten();
  const before = memoryInUse();
  const buffers = webgpu().bufferManager;
  const used = buffers.numBytesUsed;
  const held = Array.from({ length: 10 }, () => computed(1e6));
  assertEquals(memoryInUse(), { tensors: before.tensors + 10, bytes: before.bytes + 40e6 });
  await held[0].data();
  tf.dispose(held);
  assertEquals(memoryInUse(), before);
  const forget = () => void computed(1e6);
  for (let i = 0; i < 10; i++) forget();
  for (let i = 0; i < 20 && memoryInUse().tensors > before.tensors; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10)); // what is on the stack is not forgotten yet
    await releaseForgotten();
  }
  assertEquals(memoryInUse(), before);
  const last = computed(); // copies on their way to the card are done with when the next read begins
  await last.data();
  last.dispose();
  assert(buffers.numBytesUsed - used < 1e6, `${buffers.numBytesUsed - used} bytes are still in use`);
});

onWebgpu("memory of sizes that are no longer used does not pile up", async () => {
  const backend = webgpu();
  backend.giveBackFreed();
  const before = backend.bufferManager.numBytesAllocated;
  for (let i = 0; i < 30; i++) tf.fill([8e6 + i], 1).dispose(); // 32 MB each, no two of a size
  const grown = backend.bufferManager.numBytesAllocated - before;
  assert(grown < 400e6, `${grown} bytes stay allocated`);
  const x = computed(1e6);
  backend.giveBackFreed(); // what is in use stays
  assertEquals((await x.data())[999_999], 999_999);
  x.dispose();
});

onWebgpu("a tensor larger than the driver allows is refused with what to lower", () => {
  const { maxBufferSize, maxStorageBufferBindingSize } = webgpu().device.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const size = Math.floor(most / 4) + 1;
  const error = assertThrows(() => tf.tidy(() => tf.fill([size], 1)), RangeError);
  assertEquals(
    error.message,
    `Cannot compute [${size}] on webgpu: expected tensors of at most ${
      (most / 2 ** 20).toFixed(0)
    } MiB, as its driver ` +
      `allows, found ${
        (size * 4 / 2 ** 20).toFixed(0)
      } MiB; lower the batch size or the size of the images, or take a network of smaller layers`,
  );
});

onWebgpu("what goes wrong on the card is told to whoever reads next, and only to that one", async () => {
  const backend = webgpu();
  const x = computed();
  backend.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE }); // no buffer is both
  await assertRejects(() => x.data(), Error, "Cannot compute on webgpu: ");
  assertEquals((await x.data())[5], 5);
  x.dispose();
});

onWebgpu("a product of matrices comes out the same every time, also of long sums", async () => {
  const [a, b] = [tf.randomNormal([4, 4608], 0, 1, "float32", 1), tf.randomNormal([4608, 512], 0, 1, "float32", 2)];
  const image = tf.randomNormal([1, 6, 6, 256], 0, 1, "float32", 3) as tf.Tensor4D;
  const filter = tf.randomNormal([3, 3, 256, 256], 0, 1, "float32", 4) as tf.Tensor4D;
  const compute = () => [tf.matMul(a, b), tf.conv2d(image, filter, 1, "valid")];
  const bits = async () => {
    const results = tf.tidy(compute);
    const found = await Promise.all(results.map((result) => result.data()));
    tf.dispose(results);
    return found.map(String);
  };
  const first = await bits();
  for (let i = 0; i < 5; i++) assertEquals(await bits(), first);
  tf.dispose([a, b, image, filter]);
});

onWebgpu("any number of tensors is added up", async () => {
  for (const count of [1, 2, 7, 8, 31, 32, 33, 100]) {
    const sum = tf.tidy(() => tf.addN(Array.from({ length: count }, (_, i) => tf.fill([200], i))));
    assertEquals((await sum.data())[199], count * (count - 1) / 2);
    sum.dispose();
  }
});

onWebgpu("of equal values in a pooling window the first gets the slope", async () => {
  const x = tf.tidy(() => tf.relu(tf.neg(tf.ones<tf.Rank.R4>([1, 4, 4, 1])))); // nothing but zeros
  const slope = tf.tidy(() => tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 3, 1, "valid"))(x));
  assertEquals([...await slope.data()], [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const deep = tf.tidy(() => tf.grad((x) => tf.maxPool(tf.sub(x, 1e30) as tf.Tensor4D, 2, 2, "valid"))(x));
  assertEquals([...await deep.data()], [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  tf.dispose([x, slope, deep]);
});
