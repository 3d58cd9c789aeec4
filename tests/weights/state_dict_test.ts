import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { TableSpec } from "../../lib/display/spec.ts";
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

Deno.test("names are changed by a map, an expression, and a prefix taken off or put on; others stay", () => {
  const names = (sd: StateDict) => [...sd.keys()].join(" ");
  const [conv, count, fc] = [...small().keys()];
  assertEquals(names(small().rename({ "fc.weight": "head.weight" })), `${conv} ${count} head.weight`);
  assertEquals(names(small().rename(new Map([[conv, "stem.weight"]]))), `stem.weight ${count} ${fc}`);
  assertEquals(names(small().rename([/^(\w+)\.weight/g, "$1.w"])), `conv1.w ${count} fc.w`);
  assertEquals(names(small().rename({ strip: "fc." })), `${conv} ${count} weight`);
  assertEquals(names(small().rename({ add: "net." })), `net.${conv} net.${count} net.${fc}`);
  assertEquals(names(small().filter(/weight$/)), `${conv} ${fc}`);
});

Deno.test("a renaming that concerns no name, or is none, is refused", () => {
  const found = 'found "conv1.weight", "bn1.num_batches_tracked", "fc.weight"';
  const refused: [unknown, string][] = [
    [{ strip: "module." }, `Cannot rename: expected names that begin with "module.", ${found}`],
    [[/^layer/, ""], `Cannot rename: expected names that /^layer/ matches, ${found}`],
    [{ "head.weight": "fc.weight" }, `Cannot rename: expected the name "head.weight", ${found}`],
  ];
  for (const [how, message] of refused) assertThrows(() => small().rename(how as { add: string }), RangeError, message);
  assertThrows(() => small().rename({}), TypeError, "Cannot rename: expected a function, ");
  assertThrows(
    () => small().rename(new Map()),
    RangeError,
    "Cannot rename: expected names to change, found an empty Map",
  );
  assertThrows(
    () => small().rename((() => {}) as unknown as () => string),
    TypeError,
    'Cannot rename "conv1.weight": expected the function to give a text, found undefined',
  );
  assertThrows(
    () => small().rename("fc" as unknown as { add: string }),
    TypeError,
    'Cannot rename: expected a function, { "old": "new" }, [/expression/, "replacement"], { strip: "prefix." } or ' +
      '{ add: "prefix." }, found fc',
  );
  assertThrows(
    () => small().filter("fc" as unknown as RegExp),
    TypeError,
    "Cannot filter: expected a function or an expression, found fc",
  );
});

Deno.test("a diff says what only one has, what has another shape, what is equal, and how far apart the rest is", async () => {
  const here = StateDict.from({
    same: { shape: [2], data: [NaN, 2] },
    half: { shape: [2], data: [1, 2] },
    moved: { shape: [2], data: [3, 4] },
    reshaped: { shape: [2, 1], data: [1, 2] },
    gone: { shape: [1], data: [1] },
  });
  const there = StateDict.from({
    same: { shape: [2], data: [NaN, 2] },
    half: { shape: [2], dtype: "float16", data: [1, 2] },
    moved: { shape: [2], data: [3, 5] },
    reshaped: { shape: [1, 2], data: [1, 2] },
    fresh: { shape: [3], data: [1, 2, 3] },
  });
  const found = await here.diff(there);
  assertEquals(found.equal, false);
  assertEquals(found.names("equal"), ["same", "half"]);
  assertEquals(found.rows.slice(2), [
    { name: "moved", kind: "differs", shape: [2], largest: 1, relative: 0.2 },
    { name: "reshaped", kind: "another shape", here: [2, 1], there: [1, 2] },
    { name: "gone", kind: "only here", shape: [1] },
    { name: "fresh", kind: "only there", shape: [3] },
  ]);
  const table = found.spec() as TableSpec;
  assertEquals(table.caption, "2 equal, 1 differs, 1 another shape, 1 only here, 1 only there");
  assertEquals(table.rows.map(([name]) => name), ["moved", "reshaped", "gone", "fresh"]);
  assertEquals(String(await here.diff(here)), "All 5 entries are equal");
  await assertRejects(
    () => here.diff({} as StateDict),
    TypeError,
    "Cannot diff: expected a state dict, found a plain object; write diff(other.stateDict())",
  );
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
