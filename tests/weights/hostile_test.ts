import { assert, assertEquals, assertRejects } from "@std/assert";
import { load } from "../../lib/weights/load.ts";
import { opcode as op } from "../../lib/weights/opcodes.ts";
import { bytesSource } from "../../lib/weights/source.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { legacyStart } from "../../lib/weights/torch_legacy.ts";
import { dataOffset, readZipDirectory, readZipEntry } from "../../lib/weights/zip.ts";
import { ZipWriter } from "../../lib/weights/zip_writer.ts";
import { writeZip, zipRecords } from "../fuzz/zip_records.ts";
import { fixtureBytes } from "./fixtures.ts";

Deno.test("a file that was cut anywhere is refused", async () => {
  for (const name of ["model.pth", "model_legacy.pth"]) {
    const whole = fixtureBytes(name);
    for (let length = 1; length < whole.length; length++) {
      const error = await assertRejects(() => load(whole.slice(0, length)), Error, "Cannot load the bytes: ");
      assertSaid(error);
    }
  }
  const cut = fixtureBytes("model.pth").slice(0, 3000);
  await assertRejects(
    () => load(cut),
    Error,
    "Cannot load the bytes: the end of the zip file is missing: it was not copied or downloaded whole",
  );
  const legacy = fixtureBytes("model_legacy.pth");
  await assertRejects(
    () => load(legacy.slice(0, legacy.length - 1)),
    Error,
    "Cannot load the bytes: the file ends too early: expected storage",
  );
});

for (const name of ["model.pth", "model_legacy.pth", "wrapped_legacy.pth", "views_legacy.pth", "deflated.pth"]) {
  Deno.test(`damaged copies of ${name} load or are refused in words`, async () => {
    const whole = fixtureBytes(name);
    await checkDamaged((random) => Promise.resolve(damage(whole, random)));
  });
}

for (const name of ["model.pth", "wrapped.pth", "views.pth", "protocol4.pth"]) {
  Deno.test(`copies of ${name} with another pickle, rightly packed, load or are refused in words`, async () => {
    const source = bytesSource(fixtureBytes(name), name);
    const records = [...readZipDirectory(source).values()].map((entry) => ({
      entry,
      bytes: readZipEntry(source, entry),
    }));
    await checkDamaged(async (random) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      const zip = new ZipWriter((bytes) => Promise.resolve(void parts.push(bytes.slice())));
      for (const { entry, bytes } of records) {
        await zip.add(entry.name, entry.name.endsWith("data.pkl") ? damage(bytes, random) : bytes);
      }
      await zip.finish();
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    });
  });
}

type Random = (below: number) => number;

/** A copy with up to three changes: of a byte, a bit or a run; instructions of pickle's come more often than by chance. */
function damage(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = whole.slice();
  const codes = Object.values(op);
  for (let change = random(3); change >= 0; change--) {
    const at = random(bytes.length);
    const kind = random(4);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] = codes[random(codes.length)];
    else if (kind === 2) bytes[at] ^= 1 << random(8);
    else bytes.copyWithin(at, random(bytes.length), random(bytes.length));
  }
  return bytes;
}

async function checkDamaged(make: (random: Random) => Promise<Uint8Array>): Promise<void> {
  const random = generator(1);
  let loaded = 0, refused = 0;
  for (let round = 0; round < 600; round++) {
    const bytes = await make(random);
    try {
      const sd = await load(bytes);
      for (const entry of sd.values()) await entry.data();
      String(sd);
      loaded++;
    } catch (error) {
      assertSaid(error as Error);
      refused++;
    }
  }
  assert(loaded > 0 && refused > 0, `${loaded} loaded, ${refused} refused`);
}

Deno.test("a dict's key that would be longer than any memory is named by its kind", async () => {
  const key = [op.EMPTY_TUPLE, ...Array.from({ length: 60 }, () => [op.DUP, op.TUPLE2]).flat()];
  const error = await assertRejects(() => load(legacy([op.EMPTY_DICT, ...key, op.EMPTY_LIST, op.SETITEM])), Error);
  assertEquals(
    error.message,
    'Cannot load the bytes: expected a dict of tensors, found none; its keys are "a tuple of 2"',
  );
});

Deno.test("a key __proto__ is a key like any other", async () => {
  const name = [op.SHORT_BINUNICODE, 9, ...new TextEncoder().encode("__proto__")];
  const inner = [op.EMPTY_DICT, ...name, op.EMPTY_DICT, op.SETITEM];
  const error = await assertRejects(() => load(legacy([op.EMPTY_DICT, ...name, ...inner, op.SETITEM])), Error);
  assertEquals(
    error.message,
    'Cannot load the bytes: expected a dict of tensors, found none; its keys are "__proto__"',
  );
});

Deno.test("damage in the pickle is found by its checksum", async () => {
  const bytes = fixtureBytes("model.pth");
  bytes[100] ^= 1; // data.pkl begins at 64
  await assertRejects(() => load(bytes), Error, 'Cannot load the bytes: "model/data.pkl" is damaged: expected CRC-32');
});

Deno.test("damage in a tensor's bytes is found by its checksum, when it is read", async () => {
  const bytes = fixtureBytes("model.pth");
  const record = readZipDirectory(bytesSource(bytes, "model.pth")).get("model/data/0")!;
  bytes[dataOffset(bytesSource(bytes, "model.pth"), record) + 10] ^= 1;
  const sd = await load(bytes);
  await assertRejects(
    () => sd.get("0.weight")!.data(),
    Error,
    'Cannot read "0.weight": "model/data/0" is damaged: expected CRC-32',
  );
  assertEquals((await sd.get("3.bias")!.data()).length, 2);
});

Deno.test("a tensor that does not fit its storage is refused", async () => {
  const views: [size: number[], stride: number[], offset: number, message: string][] = [
    [[2, 4], [4, 1], 0, '"w" [2, 4] with strides [4, 1] at 0 lies outside its storage of 6 elements'],
    [[1], [1], 6, '"w" [1] with strides [1] at 6 lies outside its storage of 6 elements'],
    [[200, 200, 200, 200], [0, 0, 0, 0], 0, '"w" [200, 200, 200, 200] repeats a storage of 6 elements too often'],
  ];
  for (const [size, stride, offset, message] of views) {
    await assertRejects(() => load(legacyTensor(size, stride, offset)), Error, `Cannot load the bytes: ${message}`);
  }
  const sd = await load(legacyTensor([3, 2], [1, 3], 0));
  assertEquals(sd.get("w")!.dataSync!(), new Float32Array([0, 3, 1, 4, 2, 5]));
});

Deno.test("dicts that are in a thousand others each, which are in a thousand again, are looked at once", async () => {
  for (const name of ["x", "model_"]) {
    const level = (inner: number[]) => {
      const items = Array.from({ length: 1000 }, (_, i) => [...text(`${name}${i}`), op.BINGET, 7]);
      return [...inner, op.BINPUT, 7, op.POP, op.EMPTY_DICT, op.MARK, ...items.flat(), op.SETITEMS];
    };
    const bytes = legacy(level(level(level(level([op.EMPTY_DICT])))));
    const error = await assertRejects(() => load(bytes), Error, "expected a dict of tensors, found none; its keys are");
    assert(error.message.endsWith("… (1000 in all)"), error.message);
  }
});

Deno.test("a name that is longer than any is refused, and so is a key that every tensor would be found by", async () => {
  const long = [op.BINUNICODE, 1, 0, 1, 0, ...new Uint8Array(65537).fill(0x78)];
  await assertRejects(
    () => load(legacy([op.EMPTY_DICT, ...long, op.EMPTY_LIST, op.SETITEM])),
    Error,
    "Cannot load the bytes: expected names of up to 65536 characters, found one of 65537",
  );
  const id = [op.MARK, ...text("storage"), ...name("torch", "FloatStorage"), ...long, ...text("cpu"), op.BININT1, 1];
  await assertRejects(
    () => load(legacy([...id, op.TUPLE, op.BINPERSID])),
    Error,
    `Cannot load the bytes: expected its pickle to name a storage, found ("storage", torch.FloatStorage, "${
      "x".repeat(100)
    }…", "cpu", 1)`,
  );
});

Deno.test("values that would take more memory than any checkpoint's are refused, however small the file", async () => {
  const dicts = new Uint8Array(3_000_000).fill(op.EMPTY_DICT);
  await assertRejects(
    () => load(legacy([...dicts])),
    Error,
    "Cannot load the bytes: its pickle's values would take more than 512 MB of memory",
  );
  // Numbers that JavaScript files under one hash: each would be compared with all others.
  const key = (i: number) => [op.LONG1, 11, 57, 48, 0, 0, 0, 0, 0, 0, i & 255, i >> 8, 1];
  const items = Array.from({ length: 20_000 }, (_, i) => [...key(i), op.NONE]).flat();
  const started = performance.now();
  await assertRejects(() => load(legacy([op.EMPTY_DICT, op.MARK, ...items, op.SETITEMS])), Error, "more than 512 MB");
  assert(performance.now() - started < 5000);
});

Deno.test("torch.device takes a kind and a number, and nothing that it would write out", async () => {
  const call = [...name("torch", "device"), op.EMPTY_LIST, op.TUPLE1, op.REDUCE];
  await assertRejects(
    () => load(legacy(call)),
    Error,
    "Cannot load the bytes: torch.device was given a tuple of 1, which it does not take",
  );
});

Deno.test("a small zip file that unpacks to much is refused before it is unpacked", async () => {
  const records = [{
    name: encode("x/data.pkl"),
    data: new Uint8Array(80_000_000).fill(op.EMPTY_DICT),
    deflated: true,
  }];
  const bytes = writeZip(records);
  assert(bytes.length < 100_000);
  await assertRejects(
    () => load(bytes),
    Error,
    `Cannot load the bytes: "x/data.pkl" in the zip file would unpack to 80000000 bytes, expected up to ${
      4 * bytes.length + 2 ** 26
    }`,
  );
});

Deno.test("a record whose data would begin within the next one is refused", async () => {
  const records = zipRecords(fixtureBytes("model.pth"));
  const storage = records.find(({ name }) => new TextDecoder().decode(name).endsWith("data/0"))!;
  const size = BigInt(storage.data.length);
  // The header in front of it says more bytes of an extra field than there are of data less.
  Object.assign(storage, {
    localExtra: new Uint8Array(8),
    data: storage.data.subarray(8),
    says: { size, packedSize: size },
  });
  const sd = await load(writeZip(records));
  await assertRejects(
    () => sd.get("0.weight")!.data(),
    Error,
    'Cannot read "0.weight": "model/data/0" in the zip file runs into what follows it',
  );
});

Deno.test("modules that are in several others each, which are in several again, are counted", async () => {
  const object = (modules: number[]) => [
    ...[
      ...name("torch.nn.modules.container", "Sequential"),
      op.EMPTY_TUPLE,
      op.NEWOBJ,
      op.EMPTY_DICT,
      ...text("_modules"),
    ],
    ...[op.EMPTY_DICT, op.MARK, ...modules, op.SETITEMS, op.SETITEM, op.BUILD, op.BINPUT, 7],
  ];
  const twice = [...text("0"), op.BINGET, 7, ...text("1"), op.BINGET, 7];
  const value = Array.from({ length: 40 }, () => object(twice)).flat();
  await assertRejects(
    () => load(legacy([...object([]), ...value])),
    Error,
    "Cannot load the bytes: it has more than 100000 modules",
  );
});

Deno.test("a state dict of very many tensors, and one of a very long name, can be printed", () => {
  const entry = { shape: [0], dtype: "float32", data: () => Promise.resolve(new Float32Array()) } as const;
  const many = StateDict.from(Array.from({ length: 200_000 }, (_, i) => [String(i), entry] as const));
  assert(String(many).endsWith("200,000 tensors, 0 numbers, 0 B"));
  const lines = String(StateDict.from([["x".repeat(60_000), entry], ["y", entry]])).split("\n");
  assertEquals(lines[1].length, 80 + "  [0]  float32".length);
});

const foreign: [string, Uint8Array | string, string][] = [
  ["empty", "", "the file is empty: fetch it again"],
  [
    "Git LFS pointer",
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    'this is a Git LFS pointer, not the file it stands for: run "git lfs pull" in its repository',
  ],
  ["HDF5", "\x89HDF\r\n\x1a\n…", "this is an HDF5 file (Keras weights?): expected a checkpoint of torch.save"],
  ["gzip", "\x1f\x8b\x08", "this is a gzip file: unpack it first (gunzip, or tar xzf)"],
  [
    "web page",
    "\n<!DOCTYPE html><html><body>404</body></html>",
    "this is a web page, not a checkpoint: a download that answered with an error page, perhaps; fetch it again",
  ],
  [
    "pickle",
    "\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "this is a Python pickle, but not one of torch.save: save the tensors with torch.save(model.state_dict(), path)",
  ],
  ["ONNX", "\x08\x07\x12\x07pytorch", "this looks like an ONNX model: expected a checkpoint of torch.save"],
  ["text", "hello, weights\n", "this is a text file: expected a checkpoint of torch.save"],
  ["numpy", "\x93NUMPY\x01\x00", "this is a numpy array (.npy): expected a checkpoint of torch.save"],
  ["tar", "x".repeat(257) + "ustar\0", "this is a tar archive: unpack it first"],
  [
    "unknown",
    "\xff\xfe\x00\x01abcdef",
    "expected a checkpoint of torch.save, found a file that begins with ff fe 00 01 61 62 63 64",
  ],
  ["empty zip", "PK\x05\x06" + "\0".repeat(18), "this is an empty zip file: expected a checkpoint of torch.save"],
];

for (const [what, content, sentence] of foreign) {
  Deno.test(`a file of another kind is named: ${what}`, async () => {
    const bytes = typeof content === "string" ? Uint8Array.from(content, (c) => c.charCodeAt(0)) : content;
    await assertRejects(() => load(bytes), Error, `Cannot load the bytes: ${sentence}`);
  });
}

/** A file of the old format: the magic number, the protocol, no facts of the machine, a value, and its storages. */
function legacy(value: number[], keys: number[] = [op.EMPTY_LIST], storages = new Uint8Array()): Uint8Array {
  const parts = [[...legacyStart.slice(0, -1)], [op.BININT2, 0xe9, 0x03], [op.EMPTY_DICT], value, keys];
  return Uint8Array.from([...parts.flatMap((part) => [op.PROTO, 2, ...part, op.STOP]), ...storages]);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Pushes a text. */
function text(word: string): number[] {
  return [op.SHORT_BINUNICODE, word.length, ...encode(word)];
}

/** Pushes a name of Python's. */
function name(module: string, name: string): number[] {
  return [...text(module), ...text(name), op.STACK_GLOBAL];
}

/** A file of the old format: {"w": a view of the float32 numbers 0 to 5}. */
function legacyTensor(size: number[], stride: number[], offset: number): Uint8Array {
  const tuple = (...values: number[][]) => [op.MARK, ...values.flat(), op.TUPLE];
  const numbers = (values: number[]) => tuple(...values.map((value) => [op.BININT1, value]));
  const id = tuple(text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"), [op.BININT1, 6], [op.NONE]);
  const args = tuple([...id, op.BINPERSID], [op.BININT1, offset], numbers(size), numbers(stride));
  const tensor = [...name("torch._utils", "_rebuild_tensor"), ...args, op.REDUCE];
  const storage = new Uint8Array(8 + 24);
  storage[0] = 6;
  storage.set(new Uint8Array(new Float32Array([0, 1, 2, 3, 4, 5]).buffer), 8);
  return legacy(
    [op.EMPTY_DICT, ...text("w"), ...tensor, op.SETITEM],
    [op.EMPTY_LIST, ...text("0"), op.APPEND],
    storage,
  );
}

/** What is thrown must be a sentence of ours, not JavaScript's or the system's. */
function assertSaid(error: Error): void {
  assert(/^Cannot (load|read) /.test(error.message), error.stack);
  assert(
    !/undefined|not a function|not iterable|call stack|offset is out|Invalid (array|typed)/i.test(error.message),
    error.stack,
  );
}

function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
