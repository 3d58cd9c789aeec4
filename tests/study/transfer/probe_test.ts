import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { linearProbe } from "../../../lib/study/transfer/probe.ts";
import { featuresOf, figures } from "../../golden/transferability.ts";
import { noLeaks, onEachEngine } from "../../tensors.ts";

for (const one of figures.cases.filter(({ probes }) => probes.length > 0)) {
  onEachEngine(`a linear probe of the ${one.name} features is scikit-learn's logistic regression`, async () => {
    const [train, validation] = [featuresOf(one), featuresOf(one, ".validation")];
    for (const { l2, loss, accuracy, trainAccuracy } of one.probes) {
      const found = await linearProbe(train, validation, { l2 });
      assertAlmostEquals(found.loss, loss, 1e-4 * loss);
      assertAlmostEquals(found.accuracy, accuracy, 1e-9);
      assertAlmostEquals(found.trainAccuracy, trainAccuracy, 1e-9);
      assertEquals(await linearProbe(train, validation, { l2 }), found);
    }
  });
}

noLeaks("a probe takes features that never change, and classes that no training sample has", async () => {
  const train = {
    features: { rows: 4, columns: 2, values: Float32Array.of(0, 7, 1, 7, 4, 7, 5, 7) },
    labels: [0, 0, 1, 1],
  };
  const validation = { features: { rows: 2, columns: 2, values: Float32Array.of(-1, 7, 9, 7) }, labels: [0, 2] };
  assertEquals((await linearProbe(train, validation)).accuracy, 0.5);
  assertEquals((await linearProbe(train, validation, { classes: 5 })).trainAccuracy, 1);
});

noLeaks("a probe ends where it is told to, and leaves nothing behind", async () => {
  const train = featuresOf(figures.cases[0]);
  let turns = 0;
  const pause = () => ++turns < 3 ? Promise.resolve() : Promise.reject(new DOMException("stop", "AbortError"));
  await assertRejects(() => linearProbe(train, train, { pause }), DOMException, "stop");
});

noLeaks("a probe names what does not fit", async () => {
  const train = featuresOf(figures.cases[0]);
  const other = featuresOf(figures.cases[1]);
  await assertRejects(
    () => linearProbe(train, other),
    TypeError,
    "Cannot judge a linear probe: expected 5 features as it was trained on, found 24",
  );
  await assertRejects(
    () => linearProbe(train, train, { l2: 0 }),
    RangeError,
    "Cannot train a linear probe: expected l2 to be a number above 0, found 0",
  );
  await assertRejects(
    () => linearProbe(train, train, { classes: 2 }),
    RangeError,
    "Cannot train a linear probe: expected classes to be a whole number ≥ 3, as the labels are, found 2",
  );
  await assertRejects(
    () => linearProbe({ ...train, labels: [1] }, train),
    TypeError,
    "Cannot train a linear probe: expected 60 labels, one for each row of the features, found 1",
  );
});
