import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useEngine } from "../../lib/engine/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

// Small ones, of families whose layers are unlike each other's; `deno task parity --engine wasm` runs more.
for (const name of ["mnasnet0_5", "mobilenet_v3_small", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1"]) {
  noLeaks(`${name}: torchvision's logits on wasm`, async () => {
    await useEngine("wasm");
    assertEquals(tf.getBackend(), "wasm");
    const model = models.get(name);
    model.loadStateDict(goldenState(golden.models[name], golden.salt, model));
    await assertOutput(model, golden.models[name], golden.salt);
    release(model);
  });
}
