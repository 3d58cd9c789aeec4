import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { engine, memoryInUse, usePrecision } from "../../../lib/engine/mod.ts";
import { gradients } from "../../../lib/engine/backward.ts";
import { linear } from "../../../lib/engine/ops/linear.ts";
import { lend } from "../../../lib/engine/ops/lend.ts";
import { ownedVariable } from "../../../lib/engine/ops/variable.ts";
import { widen } from "../../../lib/engine/ops/widen.ts";
import { autocastOps, autocastRule } from "../../../lib/engine/tensorflow/autocast_rules.ts";
import { openCApi } from "../../../lib/engine/tensorflow/capi.ts";
import { registeredKernels } from "../../../lib/engine/tensorflow/kernel_registry.ts";
import { Status } from "../../../lib/engine/tensorflow/status.ts";
import { TF_BFLOAT16, TF_FLOAT } from "../../../lib/engine/tensorflow/dtypes.ts";
import { noLeaks } from "../../tensors.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const backend = await tensorflowBackend();
const { binding } = backend;

/** TensorFlow's element type of a tensor. */
const typeOf = (tensor: tf.Tensor) => binding.dtype(backend.getInputTensorIds([tensor])[0]);

/** A test in bfloat16 that leaves nothing behind, on TensorFlow's side neither. */
function inBfloat16(name: string, run: () => void | Promise<void>): void {
  noLeaks(name, async () => {
    tf.setBackend("tensorflow");
    const before = binding.getNumOfTensors();
    usePrecision("bfloat16");
    try {
      await run();
    } finally {
      usePrecision("float32");
    }
    assertEquals(binding.getNumOfTensors() - before, 0, "tensors left behind in TensorFlow");
  });
}

/** A product in bfloat16: `[[4, 6], [4, 6]]`. */
const product = () => tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.tensor2d([[1, 2], [3, 4]])));

/** Element types of what a function makes; it is disposed of. */
function types(make: () => tf.Tensor[]): number[] {
  return tf.tidy(() => make().map(typeOf));
}

inBfloat16("products take and give bfloat16, whatever they get", () => {
  const made = types(() => {
    const x = tf.randomUniform<tf.Rank.R2>([3, 4]), y = tf.matMul(x, tf.randomUniform<tf.Rank.R2>([4, 5]));
    return [y, tf.matMul(y, y, true), tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 4, 2]), tf.ones([3, 3, 2, 2]), 1, "same")];
  });
  assertEquals(made, [TF_BFLOAT16, TF_BFLOAT16, TF_BFLOAT16]);
});

inBfloat16("what is between products takes what comes, and float32 where both come", () => {
  const made = types(() => {
    const narrow = tf.matMul(tf.ones([3, 4]), tf.ones([4, 4])), wide = tf.ones([3, 4]);
    return [
      ...[tf.relu(narrow), tf.reshape(narrow, [12]), tf.concat([narrow, narrow]), tf.mul(narrow, 0.5)],
      ...[tf.add(narrow, tf.ones([4])), tf.mul(narrow, tf.ones([3, 1])), tf.gather(narrow, [0, 2])], // a bias, a factor
      ...[tf.add(narrow, wide), tf.mul(wide, narrow), tf.concat([narrow, wide]), tf.sub(narrow, tf.ones([3, 1]))],
      ...[tf.relu(wide), tf.add(wide, 1)],
    ];
  });
  assertEquals(made, [...new Array(7).fill(TF_BFLOAT16), ...new Array(6).fill(TF_FLOAT)]);
});

inBfloat16("what sums many numbers, and what grows fast, is float32", () => {
  const made = types(() => {
    const narrow = tf.matMul(tf.ones([3, 4]), tf.ones([4, 4]));
    return [tf.sum(narrow, 1), tf.mean(narrow), tf.softmax(narrow), tf.exp(narrow), tf.log(narrow), tf.pow(narrow, 2)];
  });
  assertEquals(made, new Array(6).fill(TF_FLOAT));
});

inBfloat16("comparisons and whole numbers stay what they are", async () => {
  const narrow = product();
  const found = [tf.greater(narrow, 4), tf.argMax(narrow, 1), tf.cast(narrow, "int32")];
  assertEquals(found.map(({ dtype }) => dtype), ["bool", "int32", "int32"]);
  assertEquals(await Promise.all(found.map((one) => one.array())), [[[0, 1], [0, 1]], [1, 1], [[4, 6], [4, 6]]]);
  tf.dispose([narrow, found]);
});

inBfloat16("gradients are float32, and slopes have the type of what they flow back to", async () => {
  const seen: number[] = [];
  const spy = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => (seen.push(typeOf(dy)), dy.clone()),
  }));
  const weights = ownedVariable(tf.fill([3, 3], 1 / 3)) as tf.Variable<tf.Rank.R2>;
  const { value, slopes } = gradients(
    () => tf.sum(tf.relu(spy(tf.matMul(tf.ones([2, 3]), weights)))) as tf.Scalar, // the slope of a sum is float32
    [weights],
  );
  assertEquals([seen, slopes.map((slope) => typeOf(slope!))], [[TF_BFLOAT16], [TF_FLOAT]]);
  assertEquals([...await slopes[0]!.data()], new Array(9).fill(2));
  tf.dispose([value, slopes as tf.Tensor[], weights]);
});

inBfloat16("weights are cast once as long as they do not change, and the copy counts as memory", () => {
  const weights = ownedVariable(tf.ones([8, 16])) as tf.Variable<tf.Rank.R2>;
  const x = tf.ones<tf.Rank.R2>([2, 8]);
  tf.matMul(x, weights).dispose();
  const [tensors, { bytes }] = [binding.getNumOfTensors(), memoryInUse()];
  tf.matMul(x, weights).dispose();
  assertEquals([binding.getNumOfTensors(), memoryInUse().bytes], [tensors, bytes]);
  const doubled = tf.mul<tf.Tensor2D>(weights, 2);
  weights.assign(doubled);
  doubled.dispose();
  tf.matMul(x, weights).dispose();
  assertEquals([binding.getNumOfTensors(), memoryInUse().bytes], [tensors, bytes]);
  tf.dispose([x, weights]);
});

inBfloat16("memory in use counts two bytes for each number", () => {
  const x = tf.ones<tf.Rank.R2>([64, 64]);
  const { bytes } = memoryInUse();
  const y = tf.matMul(x, x), relu = tf.relu(y);
  assertEquals(typeOf(relu), TF_BFLOAT16);
  const after = memoryInUse().bytes;
  relu.dispose();
  assertEquals(after - memoryInUse().bytes, 2 * 64 * 64);
  assert(after > bytes);
  tf.dispose([x, y]);
});

noLeaks("tensors that are bfloat16 already go on in float32 where it is no longer in use", async () => {
  tf.setBackend("tensorflow");
  usePrecision("bfloat16");
  const narrow = product();
  usePrecision("float32");
  const made = tf.tidy(
    () => [tf.relu(narrow), tf.matMul(narrow, tf.fill([2, 2], 1 / 3)), tf.concat([narrow, tf.eye(2)])],
  );
  assertEquals([typeOf(narrow), ...made.map(typeOf)], [TF_BFLOAT16, TF_FLOAT, TF_FLOAT, TF_FLOAT]);
  assert(Math.abs((await made[1].data())[0] - 10 / 3) < 1e-6);
  tf.dispose([narrow, made]);
});

inBfloat16("what is lent or widened is float32", async () => {
  const narrow = product();
  const lent = await lend(narrow, (bytes) => Promise.resolve([...new Float32Array(bytes.slice().buffer)]));
  assertEquals(lent, [4, 6, 4, 6]);
  const wide = widen(narrow);
  assertEquals([typeOf(narrow), typeOf(wide)], [TF_BFLOAT16, TF_FLOAT]);
  tf.dispose([narrow, wide]);
});

Deno.test("oneDNN's name for an op has the op's rule, and what nobody has thought of has none", () => {
  assertEquals(autocastRule("_MklNativeConv2D"), autocastRule("Conv2D"));
  assertEquals(autocastRule("_MklMatMul"), autocastRule("MatMul"));
  assertEquals([autocastRule("Softmax"), autocastRule("_MklLayerNorm"), autocastRule("Lgamma")], [
    undefined,
    undefined,
    undefined,
  ]);
});

const own = new Set(["FusedConv2D", "FusedMatMul", "Swish"]); // oneDNN's, which no card has and a CPU computes in float32
const ruled = autocastOps().filter(([op]) => !own.has(op));

Deno.test("every op that has a rule computes bfloat16 on a card, as far as gpu/kernels.json tells", async () => {
  const { default: { ops } } = await import("./gpu/kernels.json", { with: { type: "json" } });
  const table = ops as unknown as Record<string, { kernels: { types: Record<string, number[]> }[] }>;
  const known = ruled.filter(([op]) => op in table);
  assert(known.length > 55);
  const has = ({ kernels }: typeof table[string], attribute: string) =>
    kernels.some(({ types }) => !types[attribute] || types[attribute].includes(TF_BFLOAT16));
  assertEquals(known.filter(([op, attribute]) => !has(table[op], attribute)), []);
});

// With THAW_LIBTENSORFLOW naming a GPU build this asks for a card's kernels, which such a build lists without a card too.
Deno.test("every op that has a rule has a kernel for bfloat16 in the build in use", () => {
  const api = openCApi(engine().library!);
  const status = new Status(api);
  const all = (op: string) => registeredKernels(api, status, op);
  const device = all("MatMul").some(({ device }) => device === "GPU") ? "GPU" : "CPU";
  // Others are XLA's, which are there once a graph was run.
  const kernels = (op: string) => all(op).filter(({ device: on }) => on === device || on === "DEFAULT");
  const missing = ruled.filter(([op, attribute]) =>
    !kernels(op).some(({ types }) => !types[attribute] || types[attribute].includes(TF_BFLOAT16))
  );
  assertEquals(missing, []);
  // The attribute that a rule names is one that the op has: kernels say for which types of it they are.
  const unknown = ruled.filter(([op, attribute]) => {
    const named = new Set(kernels(op).flatMap(({ types }) => Object.keys(types)));
    return named.size > 0 && !named.has(attribute);
  });
  assertEquals(unknown.map(([op]) => op), device === "GPU" ? [] : ["Tile"]); // its kernel for a CPU takes any
});

inBfloat16("padding takes its number in bfloat16, and from main memory", async () => {
  const narrow = product();
  const made = [0.1, -Infinity].map((value) => tf.pad(narrow, [[0, 0], [1, 0]], value));
  assertEquals(made.map(typeOf), [TF_BFLOAT16, TF_BFLOAT16]);
  assertEquals([...await made[0].data()].slice(0, 3), [0.10009765625, 4, 6]);
  assertEquals([...await made[1].data()].slice(0, 3), [-Infinity, 4, 6]);
  tf.dispose([narrow, made]);
});

noLeaks("what waits to be computed is computed as it was meant when it was called", async () => {
  tf.setBackend("tensorflow");
  const [x, weights] = [tf.fill([1, 1], 1 + 2 ** -9), tf.fill<tf.Rank.R2>([1, 1], 1)];
  const wide = linear(x, weights); // oneDNN's products wait for what comes next
  usePrecision("bfloat16");
  const narrow = linear(x, weights);
  usePrecision("float32");
  assertEquals([(await wide.data())[0], (await narrow.data())[0]], [1 + 2 ** -9, 1]);
  tf.dispose([x, weights, wide, narrow]);
});
