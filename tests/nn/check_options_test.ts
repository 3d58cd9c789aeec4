import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../../lib/nn/check_options.ts";
import { models } from "../../mod.ts";
import { noLeaks, release } from "../tensors.ts";
import { nn } from "./nn.ts";

// As a notebook has them, where nobody checks types.
// deno-lint-ignore no-explicit-any
const untyped = nn as any;
// deno-lint-ignore no-explicit-any
const blocks = models as any;

const refused: [make: () => unknown, message: string][] = [
  [
    () => new untyped.MaxPool2d(3, 2, 1),
    "Cannot make MaxPool2d: expected options { stride, padding, ceilMode } in one object, found 2; write { stride: 2 }",
  ],
  [
    () => new untyped.AvgPool2d(3, [2, 2]),
    "Cannot make AvgPool2d: expected options { stride, padding, ceilMode, countIncludePad, divisorOverride } " +
    "in one object, found [2,2]; write { stride: [2,2] }",
  ],
  [
    () => new untyped.Conv2d(3, 4, 3, 2, 1),
    "Cannot make Conv2d: expected options { stride, padding, dilation, groups, bias, init, biasInit } in one object, found 2; " +
    "write { stride: 2 }",
  ],
  [
    () => new untyped.Conv2d(3, 4, 3, "same"),
    "Cannot make Conv2d: expected options { stride, padding, dilation, groups, bias, init, biasInit } in one object, " +
    'found "same"',
  ],
  [
    () => new untyped.Conv2d(3, 4, 3, { paddingMode: "reflect" }),
    'Cannot make Conv2d: expected options { stride, padding, dilation, groups, bias, init, biasInit }, found "paddingMode"',
  ],
  [
    () => new untyped.Conv2d(3, 4, 3, { strides: 2 }),
    'Cannot make Conv2d: expected options { stride, padding, dilation, groups, bias, init, biasInit }, found "strides"; ' +
    "write stride",
  ],
  [
    () => new untyped.MaxPool2d(3, { ceil_mode: true }),
    'Cannot make MaxPool2d: expected options { stride, padding, ceilMode }, found "ceil_mode"; write ceilMode',
  ],
  [
    () => new untyped.Linear(4, 2, false),
    "Cannot make Linear: expected options { bias, init, biasInit } in one object, found false; write { bias: false }",
  ],
  [
    () => new untyped.Linear(4, 2, null),
    "Cannot make Linear: expected options { bias, init, biasInit } in one object, found null",
  ],
  [
    () => new untyped.BatchNorm2d(3, 1e-3),
    "Cannot make BatchNorm2d: expected options { eps, momentum } in one object, found 0.001; write { eps: 0.001 }",
  ],
  [
    () => new untyped.Dropout(0.5, true),
    "Cannot make Dropout: expected options { inplace } in one object, found true; write { inplace: true }",
  ],
  [
    () => new untyped.Dropout2d(0.5, true),
    "Cannot make Dropout2d: expected options { inplace } in one object, found true; write { inplace: true }",
  ],
  [
    () => new untyped.AlphaDropout(0.5, { in_place: true }),
    'Cannot make AlphaDropout: expected options { inplace }, found "in_place"; write inplace',
  ],
  [
    () => new untyped.SELU(true),
    "Cannot make SELU: expected options { inplace } in one object, found true; write { inplace: true }",
  ],
  [
    () => new untyped.ReLU6(true),
    "Cannot make ReLU6: expected options { inplace } in one object, found true; write { inplace: true }",
  ],
  [() => new untyped.Flatten(2), "Cannot make Flatten: expected no options, found 2"],
  [
    () => new untyped.CrossEntropyLoss({ label_smoothing: 0.1 }),
    'Cannot make CrossEntropyLoss: expected options { weight, labelSmoothing }, found "label_smoothing"; ' +
    "write labelSmoothing",
  ],
  [
    () => new untyped.CrossEntropyLoss(new nn.Identity()),
    "Cannot make CrossEntropyLoss: expected options { weight, labelSmoothing } in one object, " +
    "found a value of class Identity",
  ],
  [
    () => new untyped.Identity().loadStateDict(new nn.Identity().stateDict(), false),
    "Cannot load a state dict: expected options { strict } in one object, found false; write { strict: false }",
  ],
  [
    () => new blocks.Conv2dSame(3, 4, 3, 2),
    "Cannot make Conv2dSame: expected options { stride, dilation, groups, bias, init, biasInit } in one object, found 2; " +
    "write { stride: 2 }",
  ],
  [
    () => new blocks.Conv2dNormActivation(3, 4, { kernel: 5 }),
    "Cannot make Conv2dNormActivation: expected options { kernelSize, stride, padding, groups, normLayer, " +
    'bias, activationLayer, dilation, convLayer, init, biasInit }, found "kernel"',
  ],
  [
    () => checkOptions<{ learningRate?: number }>("make SGD", { lr: 0.1 } as object, ["learningRate"]),
    'Cannot make SGD: expected options { learningRate }, found "lr"; write learningRate',
  ],
];

for (const [make, message] of refused) {
  Deno.test(message, () => assertEquals(assertThrows(make, TypeError).message, message));
}

noLeaks("functions look at their options too", () => {
  const x = tf.zeros([1, 4, 4, 1]);
  assertEquals(
    assertThrows(() => untyped.functional.maxPool2d(x, 2, 1), TypeError).message,
    "Cannot run maxPool2d: expected options { stride, padding, ceilMode } in one object, found 1; write { stride: 1 }",
  );
  x.dispose();
});

noLeaks("every option that there is may be given, and none", () => {
  const zero = nn.init.constant(0);
  const made = [
    new nn.Conv2d(2, 2, 1, { stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, init: zero }),
    new nn.Linear(2, 2, { bias: true, init: zero, biasInit: zero }),
    new nn.BatchNorm2d(2, { eps: 1e-3, momentum: null }),
    new nn.MaxPool2d(2, { stride: 1, padding: 0, ceilMode: true }),
    new nn.AvgPool2d(2, { stride: 1, padding: 0, ceilMode: true, countIncludePad: false, divisorOverride: 2 }),
    new nn.Dropout(0.5, { inplace: true }),
    new nn.Dropout2d(0.5, { inplace: true }),
    new nn.AlphaDropout(0.5, { inplace: true }),
    new nn.SELU({ inplace: true }),
    new nn.ReLU({ inplace: undefined }),
    new nn.Flatten(),
    new nn.MaxPool2d(2, Object.create(null)),
    new nn.MaxPool2d(2, { ceil_mode: undefined } as object),
  ];
  assertEquals(new nn.CrossEntropyLoss().toString(), "CrossEntropyLoss()");
  release(...made);
});
