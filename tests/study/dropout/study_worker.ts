/** A small dropout study in a process that the test kills. Argument: the folder. Prints its result at the end. */
import "../../engine_for_tests.ts"; // wasm has no gradients of convolutions
import { studyDropout } from "../../../mod.ts";
import { experiment } from "../workers/small.ts";

const [folder] = Deno.args;
const { model, data } = experiment({}, { delay: 4 });
console.log("studying");
const study = await studyDropout(model, data, {
  rates: [0, 0.5],
  sizes: [15, 45],
  epochs: 4,
  seeds: 1,
  batchSize: 15,
  learningRate: 0.02,
  display: false,
  folder,
});
console.log(JSON.stringify(study));
