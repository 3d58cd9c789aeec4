import { assertEquals } from "@std/assert";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();

/** What crosses while this runs. */
function crossing(run: () => void): number[] {
  const before = binding.traffic.sums;
  run();
  const after = binding.traffic.sums;
  return [
    ...[after.reads - before.reads, after.readBytes - before.readBytes],
    ...[after.uploads - before.uploads, after.uploadBytes - before.uploadBytes],
  ];
}

Deno.test("tensors of values are uploads, and what is read is counted, with bytes", () => {
  const made: number[] = [];
  assertEquals(
    crossing(() => made.push(binding.createTensor([3], binding.TF_FLOAT, Float32Array.of(1, 2, 3)))),
    [0, 0, 1, 12],
  );
  assertEquals(crossing(() => made.push(binding.fillTensor([2], binding.TF_FLOAT, () => {}))), [0, 0, 1, 8]);
  assertEquals(crossing(() => binding.tensorDataSync(made[0])), [1, 12, 0, 0]);
  assertEquals(crossing(() => binding.lendTensor(made[1]).giveBack()), [1, 8, 0, 0]);
  for (const id of made) binding.deleteTensor(id);
});

Deno.test("whole numbers count when they are moved; what stays in main memory does not", () => {
  const made: number[] = [];
  assertEquals(
    crossing(() => made.push(binding.createTensor([2], binding.TF_INT32, Int32Array.of(1, 2)))),
    [0, 0, 0, 0],
  );
  assertEquals(crossing(() => binding.moveToDevice(made[0])), [0, 0, 1, 8]);
  assertEquals(
    crossing(() => made.push(binding.createHostTensor([], binding.TF_FLOAT, Float32Array.of(1)))),
    [0, 0, 0, 0],
  );
  assertEquals(crossing(() => binding.moveToDevice(made[1])), [0, 0, 0, 0]); // no whole number
  assertEquals([...binding.tensorDataSync(made[0]) as Int32Array], [1, 2]);
  for (const id of made) binding.deleteTensor(id);
});
