import * as tf from "@tensorflow/tfjs";
import { assertLess } from "@std/assert";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

await tensorflowBackend();

/** How often the system had to give this process a page so far; one has 4 KiB. */
async function pagesGiven(): Promise<number> {
  const fields = (await Deno.readTextFile("/proc/self/stat")).split(") ")[1].split(" ");
  return Number(fields[7]); // minflt; the first two fields are cut off
}

Deno.test({
  name: "what a step has freed serves the next one: large tensors come without new pages",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const x = tf.ones([40, 1024, 256]); // 40 MB, more than glibc would ever keep by itself
    for (let i = 0; i < 20; i++) tf.relu(x).dispose();
    const before = await pagesGiven();
    for (let i = 0; i < 30; i++) tf.relu(x).dispose();
    assertLess(await pagesGiven() - before, 150_000); // half of what thirty times 40 MB take
    x.dispose();
  },
});
