import { computeGradients, models, nn, SGD } from "thaw";
import * as tf from "@tensorflow/tfjs";
import type { Answers } from "../answer.ts";
import type { Measured, SpeedCase } from "../cases.ts";
import { cardMemoryInUse } from "./card_memory.ts";
import { count } from "./count.ts";

/** One pass; what it gives is on the device, and may not have been computed yet when it returns. */
type Pass = () => tf.Tensor;

const WARM_UP = 3; // passes that do not count: kernels are loaded, and the fastest are looked for
const MOST = 50; // passes in a row

/**
 * Times a network forward (in evaluation mode) and its training step: loss, gradients, and SGD's change with momentum.
 * torch_side.py does the same work.
 */
export function speed({ network, batch, size, seconds }: SpeedCase): Answers {
  const before = cardMemoryInUse();
  const passes: Record<string, Pass> = {}, inRow: Record<string, number> = {};
  const measure = (name: string) => () => time(passes[name], inRow[name]);
  return {
    /** Makes the network, and runs each pass a few times; from then on the card's memory is what it stays. */
    async prepare() {
      Object.assign(passes, makePasses(network, batch, size));
      for (const [name, pass] of Object.entries(passes)) {
        for (let i = 0; i < WARM_UP; i++) (await finished(pass())).dispose();
        const { latency } = await time(pass, 1);
        inRow[name] = Math.min(MOST, Math.max(1, Math.round(seconds / latency)));
      }
      const after = cardMemoryInUse();
      const memoryBytes = before === undefined || after === undefined ? undefined : after - before;
      return { memoryBytes };
    },
    forward: measure("forward"),
    step: measure("step"),
  };
}

function makePasses(network: string, batch: number, size: number): Record<string, Pass> {
  const model = models.get(network);
  const x = tf.randomNormal([batch, size, size, 3]) as tf.Tensor4D;
  const y = tf.range(0, batch, 1, "int32") as tf.Tensor1D;
  const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  return {
    // The sum asks for every logit: what nobody asks for may not be computed.
    forward: () => tf.tidy(() => tf.sum(model.eval().forward(x))),
    step() {
      model.train();
      const { loss, gradients } = computeGradients(
        optimizer.parameters(),
        () => criterion.forward(model.forward(x), y),
      );
      optimizer.step(gradients);
      tf.dispose(gradients.filter((gradient) => gradient !== undefined));
      return loss;
    },
  };
}

/** One pass alone, one that is counted, then several in a row, which wait for the device once, at their end. */
async function time(pass: Pass, inRow: number): Promise<Measured> {
  const start = performance.now();
  let last = pass();
  const dispatched = performance.now();
  await finished(last);
  const alone = performance.now();
  const counts = count(() => {
    last.dispose();
    last = pass();
  });
  await finished(last);
  const counted = performance.now();
  for (let i = 0; i < inRow; i++) {
    last.dispose();
    last = pass();
  }
  await finished(last);
  const end = performance.now();
  last.dispose();
  return {
    seconds: (end - counted) / 1000 / inRow,
    latency: (alone - start) / 1000,
    dispatch: (dispatched - start) / 1000,
    passes: inRow,
    counts,
  };
}

/** Waits until the device has computed a tensor, and with it all that was asked for before. */
async function finished(tensor: tf.Tensor): Promise<tf.Tensor> {
  await tensor.data();
  return tensor;
}
