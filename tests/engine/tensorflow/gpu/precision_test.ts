import { assertEquals } from "@std/assert";
import { runThaw } from "../../process.ts";
import { tensorflowBackend } from "../tensorflow_for_tests.ts";
import type { Watched } from "./watched_training.ts";

await tensorflowBackend(); // says what to do where there is none

Deno.test("in bfloat16 nothing more would cross between main memory and a card than in float32", async () => {
  const { code, out, err } = await runThaw(
    `import { watchTraining } from "./tests/engine/tensorflow/gpu/watched_training.ts";
     console.log(JSON.stringify(await watchTraining("resnet18", 32)));`,
    { THAW_ENGINE: "tensorflow", THAW_PRECISION: "bfloat16", TF_ENABLE_ONEDNN_OPTS: "0" },
  );
  assertEquals(code, 0, err);
  const { steps, evaluation }: Watched = JSON.parse(out);
  const inWords = (crossings: Watched["evaluation"]) =>
    crossings.map(({ kind, op, what }) => [kind, what, op].join(" "));
  const batch = ["upload [2, 32, 32, 3] float32 ", "upload [2] int32 "], loss = "read [2] float32 ";
  assertEquals(steps.map(inWords), [[...batch, loss], [...batch, loss], [loss]]);
  const read = inWords(evaluation).filter((one) => !one.startsWith("upload"));
  assertEquals(read, ["read [4, 4] bfloat16 ", "read [] float32 ", "read [4, 4] bfloat16 ", "read [] float32 "]);
});
