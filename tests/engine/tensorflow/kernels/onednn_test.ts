import { assertEquals } from "@std/assert";
import { canFuse } from "../../../../lib/engine/tensorflow/kernels/deferred.ts";
import { mayUseOneDnn, oneDnn, preferOneDnn } from "../../../../lib/engine/tensorflow/kernels/onednn.ts";
import type { OpRunner } from "../../../../lib/engine/tensorflow/kernels/op.ts";
import { withEnvironment } from "../../environment.ts";

/** A backend that runs any op, as TensorFlow does with a card; `ran` has their names. */
function runner(has: boolean, ran: string[]): OpRunner {
  return {
    binding: { hasKernel: () => has },
    executeMultipleOutputs: (op: string) => (ran.push(op), []),
  } as unknown as OpRunner;
}

Deno.test("oneDNN's ops are not even tried where the device has no kernel for them: TensorFlow would run them elsewhere", () => {
  const ran: string[] = [];
  const card = runner(false, ran);
  assertEquals(oneDnn(card, "_MklSwish", (call) => call(card, [], [])), undefined);
  assertEquals([canFuse(card, "Conv2D"), canFuse(card, "MatMul", true, { name: "Relu" })], [false, false]);
  preferOneDnn(card, "Conv2D", (call) => call(card, [], []))(card, [], []);
  assertEquals(ran, ["Conv2D"]); // the call itself
});

Deno.test("where the device has them they are tried, and taken if they run", () => {
  const ran: string[] = [];
  const cpu = runner(true, ran);
  preferOneDnn(cpu, "Conv2D", (call) => call(cpu, [], []))(cpu, [], []);
  assertEquals(ran, ["_MklNativeConv2D", "_MklNativeConv2D"]);
  const broken = () => {
    throw new Error("not in this build");
  };
  assertEquals(oneDnn(cpu, "_MklSwish", broken), undefined);
});

for (const [value, may] of [["0", false], ["false", false], ["1", true], [undefined, true]] as const) {
  Deno.test(`TF_ENABLE_ONEDNN_OPTS ${value ?? "not set"}: oneDNN is ${may ? "used" : "left aside"}`, async () => {
    await withEnvironment({ TF_ENABLE_ONEDNN_OPTS: value }, () => {
      assertEquals(mayUseOneDnn(runner(true, []), "_MklSwish"), may);
    });
  });
}
