import { assertEquals, assertRejects } from "@std/assert";
import { filters, nn, StateDict } from "thaw";

Deno.test("filters: each filter from its least weight to its largest", async () => {
  const model = new nn.Sequential(new nn.Conv2d(3, 2, 2, { bias: false }), new nn.ReLU());
  // torch's layout [out, in, kh, kw]: the second filter is red at the left and blue at the right
  const weight = [...Array(12).fill(0), 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1];
  model.loadStateDict(StateDict.from({ "0.weight": { shape: [2, 3, 2, 2], data: Float32Array.from(weight) } }));
  const found = await filters(model);
  assertEquals([found.module, found.pictures.length], ["0", 2]);
  assertEquals([...found.pictures[1].data], [255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 255]);
  assertEquals([...new Set(found.pictures[0].data)], [0]);
  await assertRejects(
    () => filters(new nn.Sequential(new nn.Conv2d(8, 2, 3))),
    TypeError,
    'Cannot show filters of Sequential: expected a first convolution of 1 or 3 input channels, found "0" with 8',
  );
  await assertRejects(
    () => filters(new nn.Linear(2, 2)),
    TypeError,
    "Cannot show filters of Linear: expected a first convolution of 1 or 3 input channels, found no convolution",
  );
});
