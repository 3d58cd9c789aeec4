import { assertEquals, assertThrows } from "@std/assert";
import { StateDict } from "../../lib/weights/state_dict.ts";

function small(): StateDict {
  return StateDict.from({
    "conv1.weight": { shape: [2, 1, 1, 1], data: [1, 2] },
    "bn1.num_batches_tracked": { shape: [], dtype: "int64", data: [7] },
    "fc.weight": { shape: [1, 3], data: new Float64Array([1, 2, 3]) },
  }, { epoch: 3 });
}

Deno.test("a state dict keeps order, shapes, types and values", async () => {
  const sd = small();
  assertEquals(sd.size, 3);
  assertEquals([...sd.keys()], ["conv1.weight", "bn1.num_batches_tracked", "fc.weight"]);
  assertEquals([...sd].map(([, entry]) => entry.dtype), ["float32", "int64", "float64"]);
  assertEquals(await sd.get("bn1.num_batches_tracked")!.data(), new BigInt64Array([7n]));
  assertEquals(sd.get("fc.weight")!.dataSync!(), new Float64Array([1, 2, 3]));
  assertEquals([sd.has("fc.weight"), sd.has("fc.bias"), sd.get("fc.bias")], [true, false, undefined]);
});

Deno.test("a state dict is a snapshot in both directions", async () => {
  const mine = new Float32Array([1, 2]);
  const sd = StateDict.from({ x: { shape: [2], data: mine } });
  mine[0] = 9;
  const read = await sd.get("x")!.data();
  read[1] = 9;
  assertEquals(await sd.get("x")!.data(), new Float32Array([1, 2]));
});

Deno.test("filter and rename keep entries and metadata", () => {
  const head = small().filter((name) => name.startsWith("fc.")).rename((name) => name.replace("fc", "head"));
  assertEquals([...head.keys()], ["head.weight"]);
  assertEquals(head.metadata, { epoch: 3 });
  assertThrows(() => small().rename(() => "x"), TypeError, 'Cannot make a state dict: the name "x" comes twice');
});

Deno.test("values that do not fit are refused by name", () => {
  const refused: [() => unknown, string][] = [
    [
      () => StateDict.from({ w: { shape: [2, 5], data: [1] } }),
      'Cannot make the state dict entry "w": expected 10 values for shape [2, 5], found 1',
    ],
    [
      () => StateDict.from({ w: { shape: [-1], data: [] } }),
      'Cannot make the state dict entry "w": expected a shape of whole numbers such as [64, 3, 7, 7], found [-1]',
    ],
    [
      () => StateDict.from({ w: { shape: [1], dtype: "float16", data: new Float32Array(1) } }),
      'Cannot make the state dict entry "w": expected an array that holds float16, found a Float32Array',
    ],
    [
      () => StateDict.from({ w: { shape: [1], data: new Uint16Array(1) } }),
      'A Uint16Array holds half-precision bits of either kind: say dtype "float16" or "bfloat16"',
    ],
    [
      () => StateDict.from({ w: { shape: [1], dtype: "float8" as "int8", data: [1] } }),
      'Cannot make the state dict entry "w": expected one of the dtypes float64, float32, float16, bfloat16, int64, ' +
      'int32, int16, int8, uint8, bool, found "float8"',
    ],
  ];
  for (const [make, message] of refused) assertThrows(make, TypeError, message);
});

Deno.test("the text table aligns its columns and sums up", () => {
  assertEquals(
    String(small()),
    [
      "conv1.weight             [2, 1, 1, 1]  float32",
      "bn1.num_batches_tracked  []            int64",
      "fc.weight                [1, 3]        float64",
      "3 tensors, 6 numbers, 40 B",
    ].join("\n"),
  );
});
