/** Small networks and data that trials in other processes are made of, and some that misbehave. */
import * as tf from "@tensorflow/tfjs";
import { data, nn, precision } from "../../../mod.ts";
import type { PlainExperiment } from "../../../lib/study/trials/experiment.ts";
import type { Trial } from "../../../lib/study/trials/trial.ts";

const made: tf.Tensor[] = [];

/** Gives back what {@linkcode pictures} has made in this process. */
export function forgetPictures(): void {
  tf.dispose(made.splice(0));
}

/** Sixty noisy pictures of three colours, always the same. */
export function pictures({ delay = 0 }: { delay?: number } = {}): data.Split {
  const count = 60;
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const x = tf.tidy(() => {
    const noise = tf.randomNormal([count, 6, 6, 3], 0, 1, "float32", 5);
    return tf.add(noise, tf.reshape(tf.oneHot(labels, 3), [count, 1, 1, 3]));
  }) as tf.Tensor4D;
  made.push(x);
  const split = data.fromTensors(x, labels, { name: "pictures" }).split({ validation: 0.25, seed: 1 });
  if (delay) slowDown(split.train, delay);
  return split;
}

/** What a network does while it is made. */
export interface Mischief {
  /** Prints this, without a line's end. */
  prints?: string;
  /** Dies in this way, for as long as there is no such file; the file is made first. */
  diesWithout?: string;
  dies?: "exit" | "kill" | "throw";
}

/** A network of a few hundred weights; its values are drawn from the trial's seed. */
export function network({ prints, diesWithout, dies }: Mischief = {}): nn.Module {
  if (prints !== undefined) {
    console.log(`::thaw:: ${prints}`);
    console.error(`pid ${Deno.pid}`);
    console.error(`GPUs ${Deno.env.get("CUDA_VISIBLE_DEVICES")}, threads ${Deno.env.get("THAW_THREADS")}`);
    console.error(`computes in ${precision()}`);
    Deno.stdout.writeSync(new TextEncoder().encode(prints));
  }
  if (dies && !(diesWithout && exists(diesWithout))) {
    if (diesWithout) Deno.writeTextFileSync(diesWithout, "");
    if (dies === "throw") throw new RangeError("Cannot make the network: expected ½ a reason, found ünsound ones");
    console.error("the last words");
    if (dies === "exit") Deno.exit(7);
    Deno.kill(Deno.pid, "SIGKILL");
  }
  return new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(8, 16),
    new nn.Dropout(0.2),
    new nn.Linear(16, 3),
  );
}

/** An experiment with {@linkcode network} and {@linkcode pictures}. */
export function experiment(model: Mischief = {}, options: { delay?: number } = {}): PlainExperiment {
  return {
    kind: "splits",
    model: { module: import.meta.url, export: "network", options: { ...model } },
    data: { module: import.meta.url, export: "pictures", options },
    options: { batchSize: 15, learningRate: 0.02 },
  };
}

/** A trial of {@linkcode experiment}. */
export function trial(id: string, more: Partial<Trial> = {}): Trial {
  return { id, setting: { until: "5", start: "pretrained" }, seed: 3, task: "train", epochs: 3, ...more };
}

/** Each batch comes late. */
function slowDown(dataset: data.Dataset, milliseconds: number): void {
  const batches = dataset.batches.bind(dataset);
  dataset.batches = async function* (options) {
    for await (const batch of batches(options)) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      yield batch;
    }
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
