import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { usePrecision } from "../../lib/engine/mod.ts";
import "../engine/tensorflow/tensorflow_for_tests.ts";
import { assertAsNear, distance, golden, goldenNetwork } from "../golden/autocast.ts";
import { noLeaks, release } from "../tensors.ts";
import { goldenImages } from "./golden.ts";

for (const [name, rows] of Object.entries(golden.logits)) {
  noLeaks(`${name}: logits in bfloat16 are as near to float32's as torch.autocast's`, async () => {
    const model = (await goldenNetwork(name)).eval();
    const images = goldenImages(golden.salt, golden.size);
    const run = async () => {
      const logits = tf.tidy(() => model.forward(images));
      const values = [...await logits.data()];
      logits.dispose();
      return values;
    };
    const before = await run();
    usePrecision("bfloat16");
    const narrow = await run().finally(() => usePrecision("float32"));
    assert(distance(rows.float32.flat(), before) < 1e-4);
    assertAsNear(narrow, { float32: rows.float32.flat(), bfloat16: rows.bfloat16.flat() }, name);
    assertEquals(await run(), before, "float32 is no longer what it was");
    images.dispose();
    release(model);
  });
}
