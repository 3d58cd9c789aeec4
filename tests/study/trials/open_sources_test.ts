import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../../lib/data/mod.ts";
import { engine, usePrecision } from "../../../lib/engine/mod.ts";
import { identityOf } from "../../../lib/study/trials/open_sources.ts";
import { noLeaks } from "../../tensors.ts";

noLeaks("a study in a folder is another one in another precision", () => {
  const x = tf.zeros([4, 2]);
  const split = fromTensors(x, [0, 1, 0, 1], { name: "points" }).split({ validation: 0.5, seed: 1 });
  const experiment = { kind: "splits", model: { model: "resnet18" }, data: () => split, options: { batchSize: 2 } };
  const before = identityOf(experiment, split, 3);
  assertEquals(Object.keys(before), ["study", "model", "data", "options", "epochs"]);
  if (engine().backend === "tensorflow") {
    usePrecision("bfloat16");
    assertEquals(identityOf(experiment, split, 3), { ...before, precision: "bfloat16" });
    usePrecision("float32");
  }
  assertEquals(identityOf(experiment, split, 3), before);
  x.dispose();
});
