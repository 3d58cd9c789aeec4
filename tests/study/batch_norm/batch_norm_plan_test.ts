import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type * as tf from "@tensorflow/tfjs";
import type { Split } from "../../../lib/data/types.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { type BatchNormOptions, checkBatchNormOptions } from "../../../lib/study/batch_norm/batch_norm_options.ts";
import { planBatchNorm } from "../../../lib/study/batch_norm/batch_norm_plan.ts";
import { studyBatchNorm } from "../../../lib/study/mod.ts";
import { noLeaks, release } from "../../tensors.ts";
import { forgetPictures, pictures } from "../workers/small.ts";
import { network, source } from "./small.ts";

/** What is planned for a network of 45 training pictures. */
async function plan(net: nn.Module, options: BatchNormOptions, split: Split = pictures()) {
  try {
    return await planBatchNorm(net, split, checkBatchNormOptions(options));
  } finally {
    release(net);
    forgetPictures();
  }
}

async function labels(net: nn.Module, options: BatchNormOptions): Promise<string[]> {
  const { settings, labelOf } = await plan(net, options);
  return settings.map(labelOf);
}

noLeaks("every combination is tried; the momentum only where statistics move", async () => {
  assertEquals(await labels(network(), {}), ["with batch norm", "without batch norm"]);
  assertEquals(await labels(network(), { learningRates: [0.1, 0.2], momenta: [0.1, null] }), [
    "with batch norm, learning rate 0.1, momentum 0.1",
    "with batch norm, learning rate 0.1, momentum none (average)",
    "with batch norm, learning rate 0.2, momentum 0.1",
    "with batch norm, learning rate 0.2, momentum none (average)",
    "without batch norm, learning rate 0.1",
    "without batch norm, learning rate 0.2",
  ]);
  assertEquals(await labels(network(), { batchSizes: [2, 8, 8], learningRates: [0.1] }), [
    "with batch norm, batches of 2",
    "with batch norm, batches of 8",
    "without batch norm, batches of 2",
    "without batch norm, batches of 8",
  ]);
  // above "5" there is no batch norm whose momentum could matter, unless statistics move
  assertEquals(await labels(network(), { until: "5", momenta: [0.1, 0.5] }), [
    "frozen statistics",
    "moving statistics, momentum 0.1",
    "moving statistics, momentum 0.5",
  ]);
});

noLeaks("a network is as it was after its plan is made", async () => {
  const net = network();
  await plan(net, { until: "2" });
  assertEquals(net.modules().some(({ frozen }) => frozen), false);
  assertEquals(net.modules().every(({ training }) => training), true);
});

noLeaks(
  "a step with a single value per channel is refused before anything is trained, with a batch size that does",
  async () => {
    const refused = (options: BatchNormOptions, text: string) =>
      assertRejects(() => plan(network({ single: true }), options), RangeError, text);
    await refused(
      { batchSizes: [2, 8] },
      "Cannot study batch norm: expected more than one value per channel in every step, found a last batch of 1 picture (45 " +
        'in batches of 2) and maps of 1 × 1 at "2.1"; take batches of 3',
    );
    await refused({ batchSize: 44 }, "(45 in batches of 44)");
    await refused({ batchSizes: [1] }, "found batches of 1 picture and maps of 1 × 1");
    await refused({ until: "5", norms: ["moving"], batchSize: 2 }, "take batches of 3");
    const fine: BatchNormOptions[] = [
      { batchSizes: [3, 8] },
      { norms: ["without"], batchSizes: [1, 2] },
      { until: "5", norms: ["frozen"], batchSize: 2 },
    ];
    for (const options of fine) await plan(network({ single: true }), options);
    await plan(network(), { batchSizes: [1, 2] }); // maps of 6 × 6 and 3 × 3 have values enough
  },
);

noLeaks("networks that have nothing to compare are refused", async () => {
  const refused = (net: nn.Module, options: BatchNormOptions, kind: typeof RangeError, text: string) =>
    assertRejects(() => plan(net, options), kind, text);
  const dense = new nn.Sequential(new nn.Flatten(), new nn.Linear(108, 3));
  await refused(
    dense,
    {},
    TypeError,
    "Cannot study batch norm of Sequential: expected batch norm, or convolutions that it can be put behind, found neither",
  );
  await refused(
    network({ norm: false }),
    { until: "2" },
    TypeError,
    "expected a network with batch norm where a part is frozen",
  );
  await refused(network(), { until: "0" }, TypeError, 'expected batch norm before "0", found none there');
  await refused(
    network(),
    { until: "5", norms: ["frozen", "without"] },
    TypeError,
    'expected batch norm from "5" on, where the network trains, to leave out, found none there',
  );
  class Doubled extends nn.BatchNorm2d {
    override forward(x: tf.Tensor4D): tf.Tensor4D {
      return super.forward(x).mul(2);
    }
  }
  const doubled = () => new nn.Sequential(new nn.Conv2d(3, 4, 3), new Doubled(4), new nn.Flatten());
  await refused(
    doubled(),
    {},
    TypeError,
    'expected batch norm that can be taken out, found "1" (Doubled), whose class has a forward of its own',
  );
  assertEquals(await labels(doubled(), { norms: ["with"] }), ["with batch norm"]);
  await refused(network(), { until: "7" }, RangeError, 'Cannot freeze until "7"');
  await refused(
    network(),
    { layers: ["0.1", "0.0"] },
    RangeError,
    'expected layers to be some of 0.1, 2.1, found "0.0"',
  );
});

Deno.test("options that cannot be are refused at once", () => {
  const refused = (options: unknown, text: string, kind: typeof RangeError = RangeError) =>
    assertThrows(() => studyBatchNorm(source(), pictures(), options as BatchNormOptions), kind, text);
  refused({ norm: "with" }, "Cannot study batch norm: expected options { norms, until, batchSizes", TypeError);
  refused(
    { norms: ["off"] },
    'Cannot study batch norm: expected norms to be some of "with", "without", "frozen" and "moving", found ["off"]',
  );
  refused(
    { norms: ["frozen"] },
    "Cannot study batch norm: expected until, the first stage that trains, beside norms of what is frozen: { until: " +
      '"layer4", norms: ["frozen", "moving"] }, found {"norms":["frozen"]}',
  );
  refused(
    { until: "2", norms: ["with", "frozen"] },
    'Cannot study batch norm: expected norms to be some of "frozen", "moving" and "without" beside until: with "frozen" the ' +
      'network is as it is, found ["with","frozen"]',
  );
  refused({ until: 2 }, 'Cannot study batch norm: expected until to be the name of a stage, such as "layer4", found 2');
  refused(
    { batchSizes: [0] },
    "Cannot study batch norm: expected batchSizes to be numbers of pictures, such as [2, 8, 32], found [0]",
  );
  refused({ batchSizes: 8 }, "expected batchSizes to be numbers of pictures");
  refused({ batchSizes: [8], batchSize: 4 }, "Cannot study batch norm: expected either batchSize or batchSizes, found");
  refused(
    { momenta: [0] },
    "Cannot study batch norm: expected momenta to be shares above 0, such as [0.01, 0.1], or null, found [0]",
  );
  refused(
    { learningRates: [] },
    "Cannot study batch norm: expected learningRates to be numbers above 0, such as [0.01, 0.1], found []",
  );
  refused(
    { layers: "0.1" },
    'Cannot study batch norm: expected layers to be names of batch norms, such as ["layer1.0.bn1"]',
  );
  refused({ learningRate: 0.1 }, "Cannot study batch norm: expected options { norms", TypeError);
  refused({ seeds: 0 }, "Cannot study batch norm: expected seeds to be how many");
  forgetPictures();
});
