import { assertEquals, assertRejects } from "@std/assert";
import { load } from "../../lib/weights/load.ts";
import { writeSafetensors } from "../../lib/weights/safetensors.ts";
import { save } from "../../lib/weights/save.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { expected, fixture, fixtureBytes, rowsOf } from "./fixtures.ts";

async function written(sd: StateDict): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  await writeSafetensors(sd, (bytes) => Promise.resolve(void parts.push(bytes.slice())));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

Deno.test("safetensors: every element type as its own library writes it, metadata included", async () => {
  const sd = await load(fixture("dtypes.safetensors"));
  assertEquals(await rowsOf(sd), expected["dtypes.safetensors"]);
  assertEquals(sd.metadata, { format: "pt", "épreuve": '"1"' });
});

Deno.test("safetensors: a file that was read is written again with the same bytes behind its header", async () => {
  const theirs = fixtureBytes("dtypes.safetensors");
  const ours = await written(await load(theirs));
  const tensors = (bytes: Uint8Array) => bytes.subarray(8 + new DataView(bytes.buffer).getUint32(0, true)).toHex();
  assertEquals(tensors(ours), tensors(theirs));
  assertEquals(new DataView(ours.buffer).getUint32(0, true) % 8, 0);
});

Deno.test("safetensors: names keep their order, also those that look like numbers or like JavaScript's own", async () => {
  const one = { shape: [1], data: [1] };
  const pairs = ["b", "10", "2", "__proto__", 'quoted "name"', "a"].map((name) => [name, one] as const);
  const entries = pairs.map(([name, tensor]) => [name, StateDict.from({ x: tensor }).get("x")!] as const);
  const folder = await Deno.makeTempDir();
  await save(StateDict.from(entries), `${folder}/names.SafeTensors`);
  assertEquals([...(await load(`${folder}/names.SafeTensors`)).keys()], pairs.map(([name]) => name));
  await Deno.remove(folder, { recursive: true });
});

/** A file of this header, of tensors of so many bytes. */
function file(header: unknown, bytes = 0): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const all = new Uint8Array(8 + text.length + bytes);
  new DataView(all.buffer).setBigUint64(0, BigInt(text.length), true);
  all.set(text, 8);
  return all;
}

const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

/** What safetensors' own library refuses, and what it is told. */
const refused: [string, Uint8Array<ArrayBuffer>, string][] = [
  [
    "a header longer than the file",
    file('{"a":1}').with(1, 1) as Uint8Array<ArrayBuffer>,
    "expected a header of at most 7 bytes, found one of 263",
  ],
  ["a header cut short", file('{"a'), "expected its header to be a JSON object, found Unterminated string"],
  ["no JSON", file('{"a":}'), "expected its header to be a JSON object, found Unexpected token"],
  ["a tensor twice", file('{"a":{},"b":{"a":1},"\\u0061":{}}'), 'its header describes "a" twice'],
  [
    "a tensor's element type twice",
    file('{"a":{"dtype":"F32","dtype":"F64","shape":[2],"data_offsets":[0,8]}}', 8),
    'its header describes "dtype" twice',
  ],
  ["lists in lists", file(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), "its header nests deeper than 3"],
  [
    "more values than tensors could have",
    file(`{"a":[${"0,".repeat(2 ** 21)}0]}`),
    "its header has more than 2097152 values",
  ],
  [
    "a long text where a tensor belongs",
    file({ a: "\x1b".repeat(1e6) }),
    `expected "a" to have a dtype, a shape and data_offsets, found "${"\\u001b".repeat(100)}…"`,
  ],
  ["a very long name, and no more", file(`{"${"\\\\".repeat(5e6)}`), "expected its header to be a JSON object, found"],
  [
    "bytes that are no text",
    file("{}  ").with(10, 0xff) as Uint8Array<ArrayBuffer>,
    "expected its header to be text in UTF-8, found bytes that are not",
  ],
  [
    "a dict as a shape",
    file({ a: { ...tensor, shape: { sides: 2 } } }, 8),
    'expected "a" to have a shape of whole numbers, found {"sides":2}',
  ],
  ["a tensor that is none", file({ a: 1 }), 'expected "a" to have a dtype, a shape and data_offsets, found 1'],
  [
    "an element type that thaw does not have",
    file({ a: { ...tensor, dtype: "F8_E4M3" } }, 8),
    'expected "a" to have one of the dtypes F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL, found "F8_E4M3"',
  ],
  [
    "a negative size",
    file({ a: { ...tensor, shape: [-2] } }, 8),
    'expected "a" to have a shape of whole numbers, found [-2]',
  ],
  [
    "a size beyond all numbers",
    file({ a: { ...tensor, shape: [2 ** 40, 2 ** 40] } }, 8),
    'expected 4.835703278458517e+24 bytes for "a" (F32, [1099511627776, 1099511627776]), found data_offsets of 8',
  ],
  [
    "offsets the wrong way round",
    file({ a: { ...tensor, data_offsets: [8, 0] } }, 8),
    'expected 8 bytes for "a" (F32, [2]), found data_offsets of -8',
  ],
  [
    "a place that does not fit the shape",
    file({ a: { ...tensor, data_offsets: [0, 4] } }, 8),
    'expected 8 bytes for "a" (F32, [2]), found data_offsets of 4',
  ],
  [
    "tensors that share bytes",
    file({ a: tensor, b: { ...tensor, data_offsets: [4, 12] } }, 12),
    'expected "b" to begin at byte 8 of the tensors, found 4',
  ],
  [
    "a gap between tensors",
    file({ a: tensor, b: { ...tensor, data_offsets: [12, 20] } }, 20),
    'expected "b" to begin at byte 8 of the tensors, found 12',
  ],
  ["bytes that belong to nothing", file({ a: tensor }, 9), "expected 8 bytes of tensors, found 9"],
  ["bytes that are missing", file({ a: tensor }, 7), "expected 8 bytes of tensors, found 7"],
  [
    "metadata that is no text",
    file({ __metadata__: { epoch: 3 } }),
    'expected its metadata to be texts by name, found {"epoch":3}',
  ],
];

for (const [name, bytes, message] of refused) {
  Deno.test(`safetensors: ${name} is refused`, async () => {
    await assertRejects(() => load(bytes), Error, `Cannot load the bytes: ${message}`);
  });
}

Deno.test("safetensors: a state dict has no name that the format needs, and a file has no key", async () => {
  const sd = StateDict.from({ __metadata__: { shape: [1], data: [1] } });
  await assertRejects(
    () => written(sd),
    TypeError,
    'safetensors keeps the name "__metadata__" for itself; rename it',
  );
  await assertRejects(
    () => load(file({ a: tensor }, 8), { key: "model" }),
    Error,
    'expected no key, since safetensors files have one state dict, found "model"',
  );
});
