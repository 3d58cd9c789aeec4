/**
 * thaw's side: `deno run -A bench/interop/loading/thaw_loading.ts CASE NETWORK FILE [OUT]` prints the seconds and the memory of one
 * case as JSON. torch_loading.py does the same work in PyTorch.
 */
import { load, models, type nn, save } from "thaw";
import * as tf from "@tensorflow/tfjs";
import { measured } from "./memory.ts";

const [name, network, file, out] = Deno.args;

async function ready(): Promise<nn.Module> {
  const model = models.get(network) as nn.Module;
  model.loadStateDict(await load(file));
  return model;
}

tf.add(tf.scalar(1), tf.scalar(2)).dataSync(); // the engine has started, as import torch starts its own
if (name === "save") {
  const model = await ready();
  console.log(JSON.stringify(await measured(() => save(model.stateDict(), out))));
} else {
  console.log(JSON.stringify(await measured(ready)));
}
