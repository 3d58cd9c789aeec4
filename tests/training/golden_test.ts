import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { CrossEntropyLoss, DropoutLayer, type Module } from "../../lib/nn/mod.ts";
import { computeGradients, freeze, SGD } from "../../lib/training/mod.ts";
import { channelsLast, image, values } from "../golden/values.ts";
import { noLeaks, release } from "../tensors.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";

/** Four SGD steps in PyTorch: what make_training_golden.py writes. */
interface Case {
  model: string;
  train: string[] | null;
  size: number;
  loss: number[];
  grad_l2: Record<string, number>;
  state_l2?: Record<string, number>;
  logits?: number[][];
}

const bytes = await Deno.readFile(new URL("../golden/training.json.gz", import.meta.url));
const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const { salt, cases }: { salt: string; cases: Case[] } = await new Response(text).json();

for (const { model: name, train, size, loss, grad_l2, state_l2, logits } of cases) {
  noLeaks(`${name} trains as in PyTorch: ${train ? `only ${train.join(", ")}` : "all of it"}`, async () => {
    const model = models.get(name, { numClasses: 9 }) as Module;
    fill(model);
    leaveNothingToChance(model);
    if (train) freeze(model, { except: train });
    model.train();
    const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
    const parameters = trained.map(([, parameter]) => parameter);
    const optimizer = new SGD(parameters, { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
    const x = tf.tensor(channelsLast(image(salt, 8, size), [8, 3, size, size]), [8, size, size, 3]);
    const y = tf.tensor1d(Array.from({ length: 8 }, (_, i) => (7 * i) % 9), "int32");
    for (let step = 0; step < 4; step++) {
      const { loss: value, gradients } = computeGradients(
        parameters,
        () => new CrossEntropyLoss().forward(model.forward(x), y),
      );
      if (step < loss.length) near((await value.data())[0], loss[step], `loss before step ${step + 1}`);
      if (step === 0) {
        const norms = new Map(trained.map(([path], i) => [path, tf.norm(gradients[i]!)]));
        const largest = Math.max(...Object.values(grad_l2));
        for (const [path, expected] of Object.entries(grad_l2)) {
          near((await norms.get(path)!.data())[0], expected, `gradient of ${path}`, 1e-6 * largest);
        }
        tf.dispose([...norms.values()]);
      }
      optimizer.step(gradients);
      tf.dispose([value, ...gradients.map((gradient) => gradient!)]);
    }
    const state = model.stateDict();
    const largest = Math.max(...Object.values(state_l2 ?? {}));
    if (state_l2) assertEquals([...state.keys()], Object.keys(state_l2));
    for (const [path, expected] of Object.entries(state_l2 ?? {})) {
      const data = await state.get(path)!.data();
      let squares = 0;
      for (const value of data) squares += Number(value) ** 2;
      near(Math.sqrt(squares), expected, `state of ${path}`, 1e-6 * largest);
    }
    const output = tf.tidy(() => model.eval().forward(x));
    const found = await output.array() as number[][];
    for (const [i, row] of (logits ?? []).entries()) {
      const scale = Math.max(...row.map(Math.abs));
      row.forEach((value, j) => assert(Math.abs(value - found[i][j]) <= 1e-2 * scale, `logit ${i}, ${j}`));
    }
    optimizer.dispose();
    tf.dispose([x, y, output]);
    release(state, model);
  });
}

/** The reference's weights; see make_golden.py. */
function fill(model: Module): void {
  const entries = model.namedState().map(([name, stored]) => {
    const { shape, dtype } = stored;
    const data = dtype === "int64" ? stored.entry().dataSync!() : values(salt, name, shape);
    return [name, { shape: [...shape], data }] as const;
  });
  model.loadStateDict(StateDict.from(Object.fromEntries(entries)));
}

/** Dropout and stochastic depth were off in the reference. */
function leaveNothingToChance(model: Module): void {
  for (const module of model.modules()) {
    if (module instanceof DropoutLayer || module instanceof models.StochasticDepth) (module as { p: number }).p = 0;
  }
}

function near(found: number, expected: number, what: string, floor = 0): void {
  const allowed = Math.max(1e-2 * Math.abs(expected), floor);
  assert(Math.abs(found - expected) <= allowed, `${what}: expected ${expected}, found ${found}`);
}
