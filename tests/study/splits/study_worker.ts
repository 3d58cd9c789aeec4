/** A small split study in a process that the test kills. Argument: the folder, and whether to halve. Prints its result at the end. */
import "../../engine_for_tests.ts"; // wasm has no gradients of convolutions
import { studySplits } from "../../../mod.ts";
import { experiment } from "../workers/small.ts";

const [folder, search] = Deno.args;
const { model, data } = experiment({}, { delay: 4 });
console.log("studying");
const study = await studySplits(model, data, {
  search: search as "grid" | "halving",
  splits: ["0", "1", "5", "7"],
  epochs: 4,
  seeds: 2,
  batchSize: 15,
  learningRate: 0.02,
  display: false,
  folder,
});
console.log(JSON.stringify(study));
