import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/mod.ts";
import { type Precision, usePrecision } from "../../lib/engine/mod.ts";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "../../lib/nn/mod.ts";
import { onForward } from "../../lib/nn/run.ts";
import { computeGradients, FeatureBank, fit, freeze, SGD } from "../../lib/training/mod.ts";
import { tensorflowBackend } from "../engine/tensorflow/tensorflow_for_tests.ts";
import { assertAsNear, golden, goldenNetwork } from "../golden/autocast.ts";
import { channelsLast, image } from "../golden/values.ts";
import { noLeaks, release } from "../tensors.ts";

const backend = await tensorflowBackend();
const FLOAT = 1;

/** Computes in a precision and goes back to float32, whatever happens. */
async function within<T>(precision: Precision, compute: () => Promise<T>): Promise<T> {
  usePrecision(precision);
  return await compute().finally(() => usePrecision("float32"));
}

for (const [name, rows] of Object.entries(golden.training)) {
  noLeaks(`${name} trains in bfloat16 as under torch.autocast`, async () => {
    const { size, classes, salt } = golden;
    const model = (await goldenNetwork(name)).train();
    const named = model.namedParameters(), parameters = named.map(([, parameter]) => parameter);
    const optimizer = new SGD(parameters, { learningRate: 0.01, momentum: 0.9 });
    const x = tf.tensor(channelsLast(image(salt, 8, size), [8, 3, size, size]), [8, size, size, 3]);
    const y = tf.tensor1d(Array.from({ length: 8 }, (_, i) => (7 * i) % classes), "int32");
    const losses: number[] = [], norms: number[] = [], held: number[] = [];
    await within("bfloat16", async () => {
      for (let step = 0; step < 4; step++) {
        const { loss, gradients } = computeGradients(
          parameters,
          () => new CrossEntropyLoss().forward(model.forward(x), y),
        );
        losses.push((await loss.data())[0]);
        const types = backend.getInputTensorIds(gradients as tf.Tensor[]).map((id) => backend.binding.dtype(id));
        assert(types.every((type) => type === FLOAT));
        if (step === 0) {
          const each = tf.tidy(() => tf.stack(gradients.map((gradient) => tf.norm(gradient!))));
          norms.push(...await each.data());
          each.dispose();
        }
        optimizer.step(gradients);
        tf.dispose([loss, ...gradients.map((gradient) => gradient!)]);
        held.push(backend.binding.getNumOfTensors());
      }
    });
    assertEquals(held[3], held[1], "tensors left behind in TensorFlow");
    const { float32, bfloat16 } = rows;
    assertAsNear(losses, { float32: float32.loss, bfloat16: bfloat16.loss }, "losses");
    assert(losses[3] < losses[0] / 5);
    const inOrder = (norms: Record<string, number>) => named.map(([path]) => norms[path]);
    assertAsNear(norms, { float32: inOrder(float32.grad_l2), bfloat16: inOrder(bfloat16.grad_l2) }, "gradients");
    const state = model.stateDict();
    for (const entry of state.values()) assert(entry.dtype === "float32" || entry.dtype === "int64");
    optimizer.dispose();
    tf.dispose([x, y]);
    release(state, model);
  });
}

/** Points of two classes, and a network of which only the head trains. */
function points() {
  const x = tf.tensor2d(Array.from({ length: 16 }, (_, i) => [i % 2 ? 1.01 : -1.03, Math.sin(i)]));
  const data = fromTensors(x, Array.from({ length: 16 }, (_, i) => i % 2));
  const body = new Linear(2, 8);
  const network = () => {
    const net = new Sequential(body, new ReLU(), new Linear(8, 2));
    freeze(net, { until: "2" });
    return net;
  };
  return { data, body, network };
}

Deno.test("features are kept for the precision that they were computed in", async () => {
  const { data, body, network } = points();
  const features = new FeatureBank();
  const computed: string[] = [];
  for (const precision of ["float32", "float32", "bfloat16", "bfloat16", "float32"] as const) {
    let calls = 0;
    const off = onForward(body, () => void calls++);
    const options = { epochs: 1, features, batchSize: 16, display: false };
    await within(precision, async () => void await fit(network(), data, options)).finally(off);
    computed.push(`${precision} ${calls}`);
  }
  features.dispose();
  assertEquals(computed, ["float32 1", "float32 0", "bfloat16 1", "bfloat16 0", "float32 1"]);
});

Deno.test("features are computed again where the precision changes while they are computed", async () => {
  const { data, body, network } = points();
  const features = new FeatureBank();
  let calls = 0;
  const off = onForward(body, () => void (++calls === 2 && usePrecision("bfloat16")));
  const options = { epochs: 1, features, batchSize: 4, display: false };
  await within("float32", async () => void await fit(network(), data, options));
  assertEquals([calls, features.bytes.memory], [4 + 4, 16 * 8 * 4]);
  await within("bfloat16", async () => void await fit(network(), data, options));
  assertEquals(calls, 4 + 4, "those of one precision alone are kept");
  off();
  features.dispose();
});

Deno.test("a run notes its precision, and is not resumed in another", async () => {
  const { data, network } = points();
  const checkpoint = await Deno.makeTempDir();
  try {
    const run = await within(
      "bfloat16",
      async () => await fit(network(), data, { epochs: 1, checkpoint, display: false }),
    );
    assertEquals(run.history.length, 1);
    const error = await assertRejects(async () =>
      await fit(network(), data, { epochs: 2, checkpoint, resume: true, display: false })
    );
    assertStringIncludes((error as Error).message, "precision float32 instead of bfloat16");
  } finally {
    await Deno.remove(checkpoint, { recursive: true });
  }
});
