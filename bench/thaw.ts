/**
 * thaw's side of the comparison: `deno run -A bench/thaw.ts CASE [FILE]` prints the best of several times, in seconds.
 * bench/torch_side.py does the same work in PyTorch.
 */
import { computeGradients, load, models, nn, SGD } from "thaw";
import * as tf from "@tensorflow/tfjs";

const [name, file] = Deno.args;

/** The least time of several runs after one that does not count. */
async function best(runs: number, work: () => Promise<void>): Promise<number> {
  await work();
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

async function forward(model: nn.Module, shape: [number, number, number, number], runs = 15): Promise<number> {
  const x = tf.randomNormal(shape);
  model.eval();
  return await best(runs, async () => {
    const y = model.forward(x);
    await y.data();
    y.dispose();
  });
}

const cases: Record<string, () => Promise<number>> = {
  "resnet18 forward": () => forward(models.resnet18(), [8, 224, 224, 3]),

  "resnet18 step": async () => {
    const model = models.resnet18().train();
    const x = tf.randomNormal([8, 224, 224, 3]);
    const y = tf.range(0, 8, 1, "int32");
    const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
    return await best(10, async () => {
      const { loss, gradients } = computeGradients(
        optimizer.parameters(),
        () => new nn.CrossEntropyLoss().forward(model.forward(x), y),
      );
      optimizer.step(gradients);
      await loss.data();
      tf.dispose([loss, ...gradients.filter((gradient) => gradient !== undefined)]);
    });
  },

  "lite0 forward": async () => forward(await models.efficientnet_lite0({ weights: "DEFAULT" }), [32, 128, 128, 3]),

  "resnet50 load": () =>
    best(7, async () => {
      const model = models.resnet50();
      model.loadStateDict(await load(file));
    }),

  // The whole process counts, so whoever starts it takes the time.
  "resnet50 first prediction": async () => {
    const model = models.resnet50().eval();
    model.loadStateDict(await load(file));
    await model.forward(tf.zeros([1, 224, 224, 3])).data();
    return 0;
  },
};

const network = /^zoo (.*)/.exec(name)?.[1];
const seconds = network ? await forward(models.get(network), [8, 224, 224, 3], 3) : await cases[name]();
console.log(JSON.stringify({ case: name, seconds }));
