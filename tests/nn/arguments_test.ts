import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { noLeaks, release } from "../tensors.ts";
import { nn } from "./nn.ts";

const refused: [make: () => unknown, type: typeof RangeError | typeof TypeError, message: string][] = [
  [
    () => new nn.Conv2d(0, 4, 3),
    RangeError,
    "Cannot make Conv2d: expected inChannels to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.Conv2d(3, 4.5, 3),
    RangeError,
    "Cannot make Conv2d: expected outChannels to be a whole number ≥ 1, found 4.5",
  ],
  [
    () => new nn.Conv2d(3, 4, [3, 0]),
    RangeError,
    "Cannot make Conv2d: expected kernelSize to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { stride: 0 }),
    RangeError,
    "Cannot make Conv2d: expected stride to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { dilation: -1 }),
    RangeError,
    "Cannot make Conv2d: expected dilation to be a whole number ≥ 1, found -1",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { padding: [1, -1] }),
    RangeError,
    "Cannot make Conv2d: expected padding to be a whole number ≥ 0, found -1",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { groups: 0 }),
    RangeError,
    "Cannot make Conv2d: expected groups to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.Conv2d(6, 4, 3, { groups: 3 }),
    RangeError,
    "Cannot make Conv2d: expected channels divisible by groups 3, found 6 in and 4 out",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { padding: "same", stride: [1, 2] }),
    RangeError,
    `Cannot make Conv2d: padding "same" needs a stride of 1, found (1, 2)`,
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { padding: "full" as "same" }),
    RangeError,
    `Cannot make Conv2d: expected padding to be "same", "valid" or a number of pixels, found "full"`,
  ],
  [() => new nn.Linear(0, 1), RangeError, "Cannot make Linear: expected inFeatures to be a whole number ≥ 1, found 0"],
  [
    () => new nn.Linear(1, NaN),
    RangeError,
    "Cannot make Linear: expected outFeatures to be a whole number ≥ 1, found NaN",
  ],
  [
    () => new nn.Linear("512" as never, 1),
    RangeError,
    'Cannot make Linear: expected inFeatures to be a whole number ≥ 1, found "512"',
  ],
  [
    () => new nn.Linear([3, 3] as never, 1),
    RangeError,
    "Cannot make Linear: expected inFeatures to be a whole number ≥ 1, found [3,3]",
  ],
  [
    () => new nn.BatchNorm2d(0),
    RangeError,
    "Cannot make BatchNorm2d: expected numFeatures to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.MaxPool2d(0),
    RangeError,
    "Cannot make MaxPool2d: expected kernelSize to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.AvgPool2d(2, { stride: 0.5 }),
    RangeError,
    "Cannot make AvgPool2d: expected stride to be a whole number ≥ 1, found 0.5",
  ],
  [
    () => new nn.MaxPool2d([2, 3], { padding: [1, 2] }),
    RangeError,
    "Cannot make MaxPool2d: expected padding of at most half the window (2, 3), found (1, 2)",
  ],
  [
    () => new nn.AvgPool2d(2, { divisorOverride: 0 }),
    RangeError,
    "Cannot make AvgPool2d: expected divisorOverride to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.AdaptiveAvgPool2d([7, 0]),
    RangeError,
    "Cannot make AdaptiveAvgPool2d: expected outputSize to be a whole number ≥ 1, found 0",
  ],
  [
    () => new nn.AdaptiveAvgPool2d(undefined as unknown as number),
    RangeError,
    "Cannot make AdaptiveAvgPool2d: expected outputSize to be a whole number ≥ 1, found undefined",
  ],
  [
    () => new nn.MaxPool2d(null as unknown as number),
    RangeError,
    "Cannot make MaxPool2d: expected kernelSize to be a whole number ≥ 1, found null",
  ],
  [() => new nn.Dropout(1.5), RangeError, "Cannot make Dropout: expected p from 0 to 1, found 1.5"],
  [() => new nn.Dropout("0.5" as never), RangeError, 'Cannot make Dropout: expected p from 0 to 1, found "0.5"'],
  [() => new nn.Dropout(NaN), RangeError, "Cannot make Dropout: expected p from 0 to 1, found NaN"],
  [() => new nn.Dropout2d(-0.1), RangeError, "Cannot make Dropout2d: expected p from 0 to 1, found -0.1"],
  [() => new nn.AlphaDropout(2), RangeError, "Cannot make AlphaDropout: expected p from 0 to 1, found 2"],
];

for (const [make, type, message] of refused) {
  Deno.test(`refused: ${message}`, () => assertEquals(assertThrows(make, type).message, message));
}

const cannotRun: [module: () => nn.Module, shape: number[], message: string][] = [
  [() => new nn.Conv2d(3, 4, 3), [2, 8, 8, 4], "Cannot run Conv2d: expected input [N, H, W, 3], found [2, 8, 8, 4]"],
  [
    () => new nn.Conv2d(3, 4, 5),
    [2, 4, 8, 3],
    "Cannot run Conv2d: expected at least 5 pixels of height, found 4 in [2, 4, 8, 3]",
  ],
  [
    () => new nn.Conv2d(3, 4, 3, { dilation: 2, padding: 1 }),
    [1, 3, 2, 3],
    "Cannot run Conv2d: expected at least 3 pixels of width, found 2 in [1, 3, 2, 3]",
  ],
  [() => new nn.BatchNorm2d(3), [2, 3], "Cannot run BatchNorm2d: expected input [N, H, W, 3], found [2, 3]"],
  [
    () => new nn.BatchNorm2d(3),
    [1, 1, 1, 3],
    "Cannot run BatchNorm2d: expected more than one value per channel while training, found input [1, 1, 1, 3]; " +
    "use a larger batch, or freeze this layer",
  ],
  [() => new nn.MaxPool2d(3), [2, 3], "Cannot run MaxPool2d: expected input [N, H, W, C], found [2, 3]"],
  [
    () => new nn.MaxPool2d(5),
    [1, 4, 8, 3],
    "Cannot run MaxPool2d: expected at least 5 pixels of height, found 4 in [1, 4, 8, 3]",
  ],
  [() => new nn.AdaptiveAvgPool2d(1), [4], "Cannot run AdaptiveAvgPool2d: expected input [N, H, W, C], found [4]"],
  [() => new nn.Linear(4, 2), [2, 3], "Cannot run Linear: expected input [N, 4], found [2, 3]"],
];

for (const [make, shape, message] of cannotRun) {
  noLeaks(message, () => {
    const module = make();
    const x = tf.zeros(shape);
    assertEquals(assertThrows(() => module.forward(x)).message, message);
    x.dispose();
    release(module);
  });
}

noLeaks("cross entropy says what it expects", () => {
  const loss = new nn.CrossEntropyLoss();
  const [logits, labels, floats] = [tf.zeros([2, 3]), tf.tensor1d([0, 1, 2], "int32"), tf.tensor1d([0, 1])];
  assertEquals(
    assertThrows(() => loss.forward(logits, labels), TypeError).message,
    "Cannot compute the cross entropy: expected logits [N, classes] and labels [N], found [2, 3] and [3]",
  );
  assertEquals(
    assertThrows(() => loss.forward(logits, floats), TypeError).message,
    "Cannot compute the cross entropy: expected labels of int32, found float32",
  );
  tf.dispose([logits, labels, floats]);
});
