import { concatenate, type Mutation } from "./mutation.ts";
import type { Random } from "./random.ts";
import { names, numbers } from "./values.ts";

type Header = [name: string, value: unknown][];
interface Tensor {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
}

/** The list of attacks that the format's authors give, and more: lengths, places, gaps, doubled keys, shapes, text that is none. */
export const safetensorsMutations: readonly Mutation[] = [
  {
    name: "header: its length",
    mutate({ bytes }, random) {
      const changed = bytes.slice();
      const view = new DataView(changed.buffer);
      const near = view.getBigUint64(0, true) + BigInt(random.below(17) - 8);
      view.setBigUint64(0, BigInt.asUintN(64, random.once(3) ? near : random.pick(numbers)), true);
      return changed;
    },
  },
  texts("header: text that is not UTF-8", (text, random) => {
    const at = random.below(text.length);
    const wrong = random.pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [
      0xe2,
      0x28,
      0xa1,
    ]]);
    return concatenate([text.subarray(0, at), Uint8Array.from(wrong), text.subarray(at)]);
  }),
  texts("header: JSON that is none", (text, random) => {
    const changed = text.slice();
    for (let i = random.count(5); i > 0; i--) {
      changed[random.below(text.length)] = random.pick([...'{}[]",:\\ 0-1e.nut\0\n\t'].map((c) => c.charCodeAt(0)));
    }
    return changed;
  }),
  texts("header: JSON of something else", (_text, random) => {
    const deep = random.count(200_000);
    return utf8.encode(
      random.pick([
        () => "{" + random.pick(["null", "1", "[]", '"x"', "[1,2]", "{}", "true}", ""]),
        () => '{"a":' + "[".repeat(deep) + "]".repeat(deep) + "}",
        () => '{"a":' + '{"a":'.repeat(deep) + "1" + "}".repeat(deep) + "}",
        () => '{"a":' + "[".repeat(deep),
        () => '{"' + "x".repeat(deep * 20) + '":1}',
        () => '{"__metadata__":{"x":"' + "\\\\".repeat(deep * 20) + '"}}',
        () => "{" + " ".repeat(deep) + "}",
        () => '{"a":' + "9".repeat(deep) + "}",
        () => '{"a":{"dtype":"F32","shape":[' + "1,".repeat(deep) + '1],"data_offsets":[0,4]}}',
        () => "{" + Array.from({ length: deep }, (_, i) => `"${i}":{}`).join(",") + "}",
      ])(),
    );
  }),
  headers("header: keys doubled", (header, random) => {
    const one = random.pick(header);
    header.splice(random.below(header.length + 1), 0, random.once(2) ? one : [one[0], random.pick(header)[1]]);
  }),
  headers("header: names", (header, random) => {
    for (let i = random.count(3); i > 0; i--) random.pick(header)[0] = random.pick(names);
  }),
  headers("header: metadata", (header, random) => {
    const values = [1, null, [], { x: 1 }, { x: null }, { x: { y: "z" } }, "text", { x: ["a"] }, {
      ["x".repeat(9999)]: "y",
    }];
    header.push(["__metadata__", random.pick<unknown>(values)]);
    if (random.once(2)) header.reverse();
  }),
  tensors("tensors: element types", (tensor, random) => {
    const kinds = [
      "F8_E5M2",
      "F8_E4M3",
      "U16",
      "U32",
      "U64",
      "C64",
      "f32",
      "F32 ",
      "",
      "BOOL",
      "F64",
      "I8",
      "BF16",
      "__proto__",
    ];
    tensor.dtype = random.once(4) ? random.pick<unknown>([null, 1, [], {}, true, ["F32"]]) : random.pick(kinds);
  }),
  tensors("tensors: shapes", (tensor, random) => {
    const number = () => Number(random.pick(numbers));
    tensor.shape = random.pick<() => unknown>([
      () => [number()],
      () => [number(), number(), number()],
      () => [number(), 0],
      () => Array(random.count(3000)).fill(1),
      () => Array(random.count(70)).fill(number()),
      () => [1.5],
      () => [-0],
      () => ["2"],
      () => [[2]],
      () => [null],
      () => null,
      () => 6,
      () => ({ length: 1, 0: 2 }),
    ])();
  }),
  tensors("tensors: places", (tensor, random) => {
    const [start, end] = tensor.data_offsets as [number, number];
    const shift = random.below(17) - 8;
    tensor.data_offsets = random.pick<() => unknown>([
      () => [start + shift, end + shift],
      () => [start, end + shift],
      () => [start + shift, end],
      () => [end, start],
      () => [0, end - start],
      () => [Number(random.pick(numbers)), Number(random.pick(numbers))],
      () => [Number(random.pick(numbers)), Number(random.pick(numbers)) + end - start],
      () => [start],
      () => [start, end, end],
      () => [String(start), end],
      () => [start + 0.5, end + 0.5],
      () => null,
    ])();
  }),
  tensors("tensors: what describes them", (tensor, random) => {
    const keys: (keyof Tensor)[] = ["dtype", "shape", "data_offsets"];
    const key = random.pick(keys);
    if (random.once(2)) delete (tensor as Partial<Tensor>)[key];
    else tensor[key] = tensor[random.pick(keys)];
  }),
  headers("tensors: others of the same bytes", (header, random) => {
    const [name, value] = random.pick(header);
    for (let i = random.count(20); i > 0; i--) header.push([`${name}${i}`, value]);
  }),
  headers("tensors: empty ones without number", (header, random) => {
    const tensor = { dtype: "F32", shape: [0], data_offsets: [0, 0] };
    for (let i = random.count(20_000); i > 0; i--) header.push([`e${i}`, tensor]);
  }),
  {
    name: "tensors: bytes lost or added",
    mutate({ bytes }, random) {
      if (random.once(2)) return bytes.slice(0, bytes.length - random.count(bytes.length - 8));
      return concatenate([bytes, random.bytes(random.count(4000))]);
    },
  },
];

const utf8 = new TextEncoder();

/** Changes the header's text. */
function texts(name: string, change: (text: Uint8Array, random: Random) => Uint8Array): Mutation {
  return {
    name,
    mutate({ bytes }, random) {
      const length = headerLength(bytes);
      const text = change(bytes.subarray(8, 8 + length), random);
      return withHeader(text, bytes.subarray(8 + length));
    },
  };
}

/** Changes what the header lists, and writes it anew. */
function headers(name: string, change: (header: Header, random: Random) => void): Mutation {
  return texts(name, (text, random) => {
    const header: Header = Object.entries(JSON.parse(new TextDecoder().decode(text)));
    change(header, random);
    return utf8.encode(
      `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`,
    );
  });
}

/** Changes up to three tensors of those in the header. */
function tensors(name: string, change: (tensor: Tensor, random: Random) => void): Mutation {
  return headers(name, (header, random) => {
    const tensors = header.filter(([name]) => name !== "__metadata__");
    for (let i = random.count(3); i > 0; i--) {
      const pair = random.pick(tensors);
      const tensor = { ...pair[1] as Tensor };
      if (!Array.isArray(tensor.data_offsets)) continue;
      change(tensor, random);
      pair[1] = tensor;
    }
  });
}

function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

function withHeader(text: Uint8Array, tensors: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return concatenate([length, text, tensors]);
}
