import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { between, figures, type LayerCase } from "../golden/layers.ts";
import { channelsLast } from "../golden/values.ts";
import { assertClose, noLeaks, onEachEngine, type Plain, read, release, tensor, withGradients } from "../tensors.ts";
import { build, fill } from "./build.ts";
import { useEngine } from "../../lib/engine/mod.ts";
import { engines } from "../engine_for_tests.ts";
import { type Module, nn } from "./nn.ts";

const tolerance = 2e-6; // float32 here against float64 there

/** Torch's numbers in the engine's order. */
function images(data: ArrayLike<number>, shape: readonly number[]): Plain {
  const numbers = Float32Array.from(data);
  if (shape.length !== 4) return { shape: [...shape], data: numbers };
  const [n, c, h, w] = shape;
  return { shape: [n, h, w, c], data: channelsLast(numbers, shape) };
}

/** A parameter's gradient in torch's layout. */
async function inTorchLayout(gradient: Plain, torch: readonly number[]): Promise<Plain> {
  if (torch.length !== 4) return gradient;
  return await read(tf.tidy(() => tf.transpose(tensor(gradient), [3, 2, 0, 1])));
}

async function compare(
  layer: Module,
  what: string,
  input: Plain,
  slope: (shape: number[]) => Plain,
  expected: { output: Plain; gradients: Record<string, number[]>; input: Plain },
): Promise<void> {
  const x = tensor(input);
  const parameters = layer.namedParameters();
  const wanted = [x, ...parameters.map(([, { value }]) => value)];
  const [y, dx, ...rest] = await withGradients(wanted, () => layer.forward(x), slope);
  assertClose(y, expected.output, tolerance, `${what}: output`);
  assertClose(dx, expected.input, tolerance, `${what}: gradient of the input`);
  for (const [i, [name, { shape }]] of parameters.entries()) {
    const found = await inTorchLayout(rest[i], shape);
    const data = Float32Array.from(expected.gradients[name]);
    assertClose(found, { shape: [...shape], data }, tolerance, `${what}: gradient of ${name}`);
  }
  x.dispose();
}

async function compareLayer({ name, ...figure }: LayerCase): Promise<void> {
  const layer = build(figure);
  fill(layer, name);
  assertEquals(String(layer), figure.text);
  const { shape, low, high, whole } = figure.input;
  const count = (shape: number[]) => tf.util.sizeFromShape(shape);
  await compare(
    layer,
    name,
    images(between(`${name}.input`, count(shape), low, high, whole), shape),
    () => images(between(`${name}.slope`, count(figure.shape), -1, 1), figure.shape),
    {
      output: images(figure.output, figure.shape),
      gradients: figure.gradients,
      input: images(figure.gradients.input, shape),
    },
  );
  release(layer);
}

for (const figure of figures.layers) {
  onEachEngine(`as in PyTorch: ${figure.name}`, () => compareLayer(figure));
}

// WebAssembly predicts; most layers it cannot train.
const wasm = await useEngine("wasm").then(() => true, () => false);
await useEngine(engines[0]);

for (const { name, ...figure } of figures.layers) {
  if (!wasm) break;
  noLeaks(`as in PyTorch, forward: ${name} (wasm)`, async () => {
    await tf.setBackend("wasm");
    const layer = build(figure);
    fill(layer, name);
    const { shape, low, high, whole } = figure.input;
    const x = tensor(images(between(`${name}.input`, tf.util.sizeFromShape(shape), low, high, whole), shape));
    assertClose(await read(layer.forward(x)), images(figure.output, figure.shape), tolerance, name);
    x.dispose();
    release(layer);
  });
}

for (const { name, options, shape, batches, text, steps } of figures.batchNorms) {
  onEachEngine(`as in PyTorch, batch after batch and then in evaluation: ${name}`, async () => {
    const norm = new nn.BatchNorm2d(shape[1], options);
    fill(norm, name);
    assertEquals(String(norm), text);
    const count = tf.util.sizeFromShape(shape);
    for (const [i, step] of steps.entries()) {
      norm.train(i < batches);
      await compare(
        norm,
        `${name}, batch ${i}`,
        images(between(`${name}.input${i}`, count, -2, 2 + i), shape),
        () => images(between(`${name}.slope${i}`, count, -1, 1), shape),
        {
          output: images(step.output, shape),
          gradients: { weight: step.weight, bias: step.bias },
          input: images(step.input, shape),
        },
      );
      for (const statistic of ["running_mean", "running_var"] as const) {
        const found = await norm[statistic].value.data() as Float32Array;
        const expected = Float32Array.from(step[statistic]);
        const channels = [shape[1]];
        assertClose(
          { shape: channels, data: found },
          { shape: channels, data: expected },
          tolerance,
          `${name}, batch ${i}: ${statistic}`,
        );
      }
      assertEquals(norm.num_batches_tracked.value, step.num_batches_tracked);
    }
    release(norm);
  });
}

for (const { name, shape, low, high, labels, loss, input, text } of figures.losses) {
  onEachEngine(`as in PyTorch: ${name}`, async () => {
    const criterion = new nn.CrossEntropyLoss();
    assertEquals(String(criterion), text);
    const x = tensor({ shape, data: between(`${name}.input`, shape[0] * shape[1], low, high) });
    const targets = tf.tensor1d(labels, "int32");
    const one = () => ({ shape: [], data: new Float32Array([1]) });
    const [found, gradient] = await withGradients([x], () => criterion.forward(x, targets), one);
    assertClose(found, { shape: [], data: new Float32Array([loss]) }, tolerance, name);
    assertClose(gradient, { shape, data: Float32Array.from(input) }, tolerance, `${name}: gradient`);
    tf.dispose([x, targets]);
  });
}

for (const { text, ...spec } of figures.texts) {
  Deno.test(`prints as in PyTorch: ${text.replaceAll(/\s+/g, " ")}`, () => assertEquals(String(build(spec)), text));
}
