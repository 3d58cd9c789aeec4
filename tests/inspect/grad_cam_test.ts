import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gradCam, nn, toText } from "thaw";
import { golden, goldenResnet, picture, transforms } from "./golden_resnet.ts";

Deno.test("gradCam: torch's figures at three stages, and the last stage with maps unless one is given", async () => {
  const model = goldenResnet();
  await gradCam(model, picture); // weights come to the engine at their first use
  for (const { stage, class: index, probability, heat } of golden.cases) {
    const before = tf.memory().numTensors;
    const found = await gradCam(model, picture, { stage, class: index });
    assertEquals(tf.memory().numTensors, before);
    assertAlmostEquals(found.target.probability, probability, 1e-4);
    assertEquals(found.heat.values.length, heat.length);
    heat.forEach((value, i) => assertAlmostEquals(found.heat.values[i], value, 1e-3, `${stage} at ${i}`));
  }
  const found = await gradCam(model, picture);
  assertEquals(found.stage, "layer4");
  assertEquals(model.training, true);
  assertEquals(
    toText(await found.spec()),
    [
      `Grad-CAM: where layer4 sees ${found.target.label}`,
      "picture",
      `${found.target.label} ${(100 * found.target.probability).toFixed(1)}%`,
      `violet: nothing speaks for ${found.target.label}; yellow: most does (2×2 places)`,
    ].join("\n"),
  );
});

Deno.test("gradCam: what cannot be is said", async () => {
  const model = goldenResnet();
  await assertRejects(
    () => gradCam(model, picture, { stage: "layer9" }),
    RangeError,
    'Cannot make a Grad-CAM: expected a stage such as conv1, layer1, layer2, layer3, layer4, avgpool, fc, found "layer9"',
  );
  await assertRejects(
    () => gradCam(model, picture, { stage: "avgpool" }),
    TypeError,
    'Cannot make a Grad-CAM at "avgpool": expected an output [N, H, W, C], found [1, 512]; choose an earlier stage',
  );
  await assertRejects(
    () => gradCam(model, picture, { class: "tabby" }),
    RangeError,
    'Cannot make a Grad-CAM: expected class to be one of ResNet\'s 9 classes, by name or number, found "tabby"',
  );
  class Mute extends nn.Module {
    head = new nn.Linear(3, 2);
    override forward(x: tf.Tensor): tf.Tensor {
      return this.head.forward(tf.mean(x, [1, 2]));
    }
  }
  await assertRejects(
    () => gradCam(new Mute(), picture, { transforms }),
    TypeError,
    'Cannot make a Grad-CAM of Mute: expected stages that can run one by one, found "head" without a forward function; ' +
      "give the network a stages() method made of nn.stage(this, name)",
  );
});
