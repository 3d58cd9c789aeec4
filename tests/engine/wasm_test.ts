import { assertEquals } from "@std/assert";
import { runThaw } from "./process.ts";

Deno.test("tensors from another rung may be larger than WebAssembly's heap", async () => {
  const { out, err } = await runThaw(
    `
import * as tf from "@tensorflow/tfjs";
import { useEngine } from "./lib/engine/mod.ts";
const size = 8e6; // 32 MB, twice the heap at first
const made = tf.tidy(() => [1, 2, 3].map((value) => tf.keep(tf.fill([size], value))));
await useEngine("wasm");
const ends = async (x) => {
  const data = await x.data();
  return [data.length / size, data[0], data.at(-1)];
};
const [one, two, three] = made;
console.log(JSON.stringify(await ends(tf.clone(one)))); // clones look at the heap at once
console.log(JSON.stringify(await ends(tf.cast(one, "int32"))));
console.log(JSON.stringify(await ends(tf.concat([two, three])))); // and this at each input in turn
`,
    { THAW_ENGINE: "cpu" },
  );
  assertEquals({ out: out.split("\n"), err }, { out: ["[1,1,1]", "[1,1,1]", "[2,2,3]"], err: "" });
});
