import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteReader } from "../../lib/weights/byte_reader.ts";
import { opcode as op } from "../../lib/weights/opcodes.ts";
import { unpickle } from "../../lib/weights/pickle.ts";
import { TensorView } from "../../lib/weights/python.ts";
import { bytesSource } from "../../lib/weights/source.ts";
import { StorageTable } from "../../lib/weights/storage.ts";

/** A pickle of text, bytes and instructions; the last instruction, STOP, is added. */
function pickle(...parts: (string | number | number[])[]): Uint8Array {
  const bytes = parts.map((part) => {
    if (typeof part === "string") return [...new TextEncoder().encode(part)];
    return typeof part === "number" ? [part] : part;
  });
  return Uint8Array.from([...bytes.flat(), op.STOP]);
}

function read(bytes: Uint8Array): unknown {
  return unpickle(new ByteReader(bytesSource(bytes, "test")), new StorageTable().handle);
}

const text = (word: string) => [op.SHORT_BINUNICODE, word.length, ...new TextEncoder().encode(word)];
const global = (name: string) => `c${name.slice(0, name.lastIndexOf("."))}\n${name.slice(name.lastIndexOf(".") + 1)}\n`;

Deno.test("numbers of every instruction", () => {
  const cases: [Uint8Array, unknown][] = [
    [pickle("I-12\n"), -12],
    [pickle("I01\n"), true],
    [pickle("I00\n"), false],
    [pickle("L99999999999999999999L\n"), 99999999999999999999n],
    [pickle(op.BININT, [0xff, 0xff, 0xff, 0xff]), -1],
    [pickle(op.BININT1, 200), 200],
    [pickle(op.BININT2, [1, 2]), 513],
    [pickle(op.LONG1, 0), 0],
    [pickle(op.LONG1, 1, 0xff), -1],
    [pickle(op.LONG1, 9, [0, 0, 0, 0, 0, 0, 0, 0, 1]), 2n ** 64n],
    [pickle(op.LONG4, [2, 0, 0, 0], [0, 1]), 256],
    [pickle("F1.5e3\n"), 1500],
    [pickle("F-inf\n"), -Infinity],
    [pickle("Fnan\n"), NaN],
    [pickle(op.BINFLOAT, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), 1.5],
    [pickle(op.NONE), null],
    [pickle(op.NEWTRUE), true],
    [pickle(op.NEWFALSE), false],
  ];
  for (const [bytes, value] of cases) assertEquals(read(bytes), value);
});

Deno.test("text, bytes and containers of every instruction", () => {
  const cases: [Uint8Array, unknown][] = [
    [pickle(op.BINSTRING, [2, 0, 0, 0], "ab"), "ab"],
    [pickle(op.SHORT_BINSTRING, 2, "ab"), "ab"],
    [pickle(op.BINUNICODE, [3, 0, 0, 0], "aé"), "aé"],
    [pickle(op.BINUNICODE8, [2, 0, 0, 0, 0, 0, 0, 0], "ab"), "ab"],
    [pickle(op.BINBYTES, [1, 0, 0, 0], 7), new Uint8Array([7])],
    [pickle(op.SHORT_BINBYTES, 1, 7), new Uint8Array([7])],
    [pickle(op.BINBYTES8, [1, 0, 0, 0, 0, 0, 0, 0], 7), new Uint8Array([7])],
    [pickle(op.BYTEARRAY8, [1, 0, 0, 0, 0, 0, 0, 0], 7), new Uint8Array([7])],
    [pickle("(K\x01K\x02l"), [1, 2]],
    [pickle("]K\x01a(K\x02K\x03e"), [1, 2, 3]],
    [pickle("(K\x01K\x02t"), Object.freeze([1, 2])],
    [pickle("K\x01", op.TUPLE1), Object.freeze([1])],
    [pickle("K\x01K\x02K\x03", op.TUPLE3), Object.freeze([1, 2, 3])],
    [pickle("(", text("a"), "K\x01d"), new Map([["a", 1]])],
    [pickle("}", text("a"), "K\x01s(", text("b"), "K\x02u"), new Map([["a", 1], ["b", 2]])],
    [pickle(op.EMPTY_SET, "(K\x01", op.ADDITEMS), new Set([1])],
    [pickle("(K\x01", op.FROZENSET), new Set([1])],
    [pickle("K\x01K\x020"), 1],
    [pickle("K\x01(K\x021"), 1],
    [pickle("K\x01(0"), 1],
    [pickle("K\x012", op.TUPLE2), Object.freeze([1, 1])],
    [pickle("K\x05p0\n0g0\n"), 5],
    [pickle("K\x05q\x070h\x07"), 5],
    [pickle("K\x05r\x07\x01\x00\x000j\x07\x01\x00\x00"), 5],
    [pickle("K\x05", op.MEMOIZE, "0h\x00"), 5],
    [pickle(op.PROTO, 4, op.FRAME, [9, 0, 0, 0, 0, 0, 0, 0], text("a")), "a"],
  ];
  for (const [bytes, value] of cases) assertEquals(read(bytes), value);
});

Deno.test("allowed names make plain values", () => {
  const orderedDict = global("collections.OrderedDict");
  assertEquals(read(pickle(orderedDict, ")R")), new Map());
  assertEquals(read(pickle(orderedDict, ")", op.NEWOBJ)), new Map());
  assertEquals(
    read(
      pickle(text("collections"), text("OrderedDict"), op.STACK_GLOBAL, "]]", text("a"), "aK\x01aa", op.TUPLE1, "R"),
    ),
    new Map([["a", 1]]),
  );
  assertEquals(read(pickle(global("builtins.set"), "(]K\x01atR")), new Set([1]));
  assertEquals(read(pickle(global("__builtin__.set"), "(]K\x01atR")), new Set([1]));
  assertEquals(
    read(pickle(global("_codecs.encode"), "(", op.BINUNICODE, [3, 0, 0, 0], "aÿ", text("latin1"), "tR")),
    new Uint8Array([97, 255]),
  );
  assertEquals(read(pickle(global("torch.device"), "(", text("cuda"), "K\x01tR")), "cuda:1");
});

Deno.test("a tensor is a view of a storage", () => {
  const storage = ["((", text("storage"), global("torch.HalfStorage"), text("0"), text("cpu"), "K\x06tQ"];
  const rebuild = global("torch._utils._rebuild_tensor_v2");
  const place = ["K\x01K\x02K\x02", op.TUPLE2, "K\x02K\x01", op.TUPLE2];
  const tensor = read(pickle(rebuild, ...storage, ...place, op.NEWFALSE, global("collections.OrderedDict"), ")RtR"));
  assert(tensor instanceof TensorView);
  assertEquals([tensor.offset, tensor.size, tensor.stride, tensor.type.dtype], [1, [2, 2], [2, 1], "float16"]);
});

const refused: Record<string, [Uint8Array, string]> = {
  "a name that runs": [
    pickle(global("os.system"), "(", text("echo"), "tR"),
    'its pickle asks Python to run "os.system", which no state dict needs and thaw never does',
  ],
  "a name that runs, on the stack": [
    pickle(text("builtins"), text("exec"), op.STACK_GLOBAL),
    'its pickle asks Python to run "builtins.exec"',
  ],
  "a name in a name": [
    pickle(text("torch"), text("serialization.os.system"), op.STACK_GLOBAL),
    'asks for the Python name "torch.serialization.os.system", which is not among those that state dicts use',
  ],
  "a name of the table's own prototype": [
    pickle("c__proto__\nconstructor\n"),
    'asks for the Python name "__proto__.constructor"',
  ],
  "a rebuilding of rebuildings": [
    pickle(global("torch._tensor._rebuild_from_type_v2"), "q\x00(h\x00N)}tR"),
    "torch._tensor._rebuild_from_type_v2 was given torch._tensor._rebuild_from_type_v2, which it does not take",
  ],
  "a harmless name that is not in the table": [
    pickle(global("builtins.slice")),
    'its pickle asks for the Python name "builtins.slice", which is not among those that state dicts use',
  ],
  "INST": [pickle("(ios\nsystem\n"), "its pickle uses the instruction INST at byte 1, which state dicts do not need"],
  "OBJ": [pickle("(", global("collections.OrderedDict"), "o"), "its pickle uses the instruction OBJ"],
  "PERSID": [pickle("Pstorage\n"), "its pickle uses the instruction PERSID"],
  "EXT1": [pickle(0x82, 1), "its pickle uses the instruction EXT1"],
  "NEWOBJ_EX": [pickle(0x92), "its pickle uses the instruction NEWOBJ_EX"],
  "NEXT_BUFFER": [pickle(0x97), "its pickle uses the instruction NEXT_BUFFER"],
  "an unknown instruction": [pickle(0xff), "expected a pickle instruction at byte 0, found byte 0xff"],
  "a later protocol": [pickle(op.PROTO, 6), "expected a pickle of protocol 0 to 5, found 6"],
  "an end without a value": [pickle(), "its pickle takes a value from an empty stack"],
  "a group that was never begun": [pickle("t"), "its pickle ends a group that it never began"],
  "a value that was never kept": [pickle("h\x07"), "its pickle asks for value 7, which it never kept"],
  "a call of data": [pickle("K\x01)R"), "its pickle's REDUCE expected an allowed name of Python's, found 1"],
  "a call of a type": [
    pickle(global("torch.FloatStorage"), ")R"),
    "its pickle calls torch.FloatStorage, which is only a name",
  ],
  "arguments in a list": [
    pickle(global("collections.OrderedDict"), "]R"),
    "its pickle's REDUCE expected a tuple of arguments, found a list of 0",
  ],
  "an append to a tuple": [pickle(")K\x01a"), "its pickle's APPEND expected a list, found a tuple of 0"],
  "an item of a list": [pickle("]K\x01K\x02s"), "its pickle's SETITEM expected a dict, found a list of 0"],
  "half an item": [pickle("}(K\x01u"), "its pickle's SETITEM expected pairs of key and value, found a list of 1"],
  "attributes of a list": [pickle("]}b"), "its pickle's BUILD expected a tensor or an OrderedDict, found a list of 0"],
  "a persistent id of its own": [pickle(text("x"), "Q"), 'expected its pickle to name a storage, found "x"'],
  "a storage of negative length": [
    pickle(
      "(",
      text("storage"),
      global("torch.FloatStorage"),
      text("0"),
      text("cpu"),
      op.BININT,
      [255, 255, 255, 255],
      "tQ",
    ),
    'expected its pickle to name a storage, found ("storage", torch.FloatStorage, "0", "cpu", -1)',
  ],
  "a tensor without a storage": [
    pickle(global("torch._utils._rebuild_tensor"), "(NK\x00))tR"),
    "torch._utils._rebuild_tensor was given None, which it does not take",
  ],
  "text that is longer than the file": [
    pickle(op.BINUNICODE, [255, 255, 255, 255]),
    "the file ends too early: expected 4294967295 more bytes at 5, found 1",
  ],
  "bytes of 2⁶³": [pickle(op.BINBYTES8, [0, 0, 0, 0, 0, 0, 0, 128]), "the file ends too early"],
  "a whole number of 4 GB": [pickle(op.LONG4, [255, 255, 255, 255]), "expected a whole number of up to 128 bytes"],
  "letters as a number": [pickle("Iabc\n"), 'expected a whole number, found "abc"'],
  "a line without an end": [pickle("c" + "x".repeat(5000)), "expected a line of text of up to 4096 bytes at 1"],
  "groups in groups": [pickle("(".repeat(2000)), "values nest deeper than 1000"],
};

for (const [what, [bytes, message]] of Object.entries(refused)) {
  Deno.test(`${what} is refused`, () => {
    const error = assertThrows(() => read(bytes), Error, message);
    assert(error instanceof TypeError || error instanceof RangeError);
  });
}

Deno.test("copying one value again and again is stopped", () => {
  // A list of 1,000 and 40,000 sets made of it: 200 kB that would become 40 million values.
  const list = "(" + "K\x01".repeat(1000) + "lp0\n0";
  const copies = (global("builtins.set") + "(g0\ntR0").repeat(40_000);
  assertThrows(
    () => read(pickle(list, copies, "N")),
    RangeError,
    "its pickle's values would take more than 512 MB of memory",
  );
});

Deno.test("keys that would be long as text are not written out", () => {
  // A dict whose key is a tuple of tuples, 2⁶⁰ long.
  const key = ")" + ("2" + String.fromCharCode(0x86)).repeat(60);
  const bytes = pickle("}", [...key].map((c) => c.charCodeAt(0)), "K\x01s");
  assertEquals((read(bytes) as Map<unknown, unknown>).size, 1);
});
