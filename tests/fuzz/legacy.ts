import { ByteReader } from "../../lib/weights/byte_reader.ts";
import { opcode as op } from "../../lib/weights/opcodes.ts";
import { unpickle } from "../../lib/weights/pickle.ts";
import { bytesSource } from "../../lib/weights/source.ts";
import { StorageTable } from "../../lib/weights/storage.ts";
import { concatenate, type Mutation, type Seed } from "./mutation.ts";
import { pickleMutations } from "./pickle.ts";
import { pickleBombs } from "./pickle_bombs.ts";
import { assemble, int, parsePickle, plain, type Program, text } from "./pickle_program.ts";
import type { Random } from "./random.ts";
import { names, numbers } from "./values.ts";

/** A file of the old format taken apart: its five pickles, and the bytes behind them. */
interface LegacyFile {
  /** Magic number, protocol number, facts of the machine, value, keys. */
  pickles: Program[];
  /** Each storage as its count, 8 bytes, and its numbers. */
  storages: Uint8Array[];
}

const value = 3, keys = 4;

/** What is done to the files of torch.save as they were before PyTorch 1.6. */
export const legacyMutations: readonly Mutation[] = [
  parts("legacy: storages' counts", ({ storages }, random) => {
    for (let i = random.count(3); i > 0 && storages.length; i--) {
      const storage = random.pick(storages);
      new DataView(storage.buffer, storage.byteOffset).setBigInt64(0, BigInt.asIntN(64, random.pick(numbers)), true);
    }
  }),
  parts("legacy: storages lost, doubled or in another order", ({ storages }, random) => {
    for (let i = random.count(3); i > 0 && storages.length; i--) {
      const at = random.below(storages.length);
      const change = random.pick([[], [storages[at], storages[at]], [random.pick(storages)], [
        storages[at].subarray(0, 9),
      ]]);
      storages.splice(at, 1, ...change);
    }
  }),
  parts("legacy: keys", ({ pickles }, random) => {
    const list = pickles[keys];
    for (let i = random.count(4); i > 0; i--) {
      const at = random.below(list.length - 1) + 1;
      const other = random.pick([
        text(random.pick(names)),
        int(random.pick(numbers)),
        ...plain(op.NONE, op.DUP, op.EMPTY_LIST),
      ]);
      if (random.once(2)) list[at] = other;
      else list.splice(at, random.below(3), ...(random.once(3) ? [list[at]] : [other]));
    }
  }),
  parts("legacy: keys without number", ({ pickles }, random) => {
    const list = pickles[keys];
    const key = list.find(({ code }) => code === op.BINUNICODE) ?? text("0");
    const many = Array.from({ length: random.count(50_000) }, () => key);
    pickles[keys] = [...list.slice(0, -1), ...plain(op.MARK), ...many, ...plain(op.APPENDS), ...list.slice(-1)];
  }),
  parts("legacy: byte order", ({ pickles }, random) => {
    pickles[2] = [
      ...plain(op.EMPTY_DICT),
      text("little_endian"),
      ...plain(random.pick([op.NEWFALSE, op.NEWTRUE, op.NONE]), op.SETITEM, op.STOP),
    ];
  }),
  parts("legacy: pickles exchanged", ({ pickles }, random) => {
    const [a, b] = [1 + random.below(4), 1 + random.below(4)];
    if (random.once(2)) pickles.splice(a, 1);
    else [pickles[a], pickles[b]] = [pickles[b], pickles[a]];
  }),
  parts("legacy: another of the pickles", ({ pickles }, random) => {
    const at = random.pick([0, 1, 2, 4]);
    pickles[at] = random.pick(pickleMutations).edit(pickles[at], random, pickles);
  }),
  ...pickleMutations.map(({ name, edit }) =>
    parts(`pickle: ${name}`, ({ pickles }, random, seeds) => {
      pickles[value] = edit(pickles[value], random, seeds.map(programOf));
    })
  ),
  ...pickleBombs.map(({ name, edit }) =>
    parts(name, ({ pickles }, random) => {
      const at = random.pick([value, value, value, keys, 2]);
      pickles[at] = edit(pickles[at], random, pickles);
    })
  ),
];

const programs = new Map<string, Program>();

function programOf(seed: Seed): Program {
  let program = programs.get(seed.name);
  if (!program) programs.set(seed.name, program = takeApart(seed.bytes).pickles[value]);
  return program;
}

/** Takes a good file apart. */
export function takeApart(bytes: Uint8Array): LegacyFile {
  const pickles: Program[] = [];
  let at = 0;
  while (pickles.length < 5) {
    const { program, end } = parsePickle(bytes, at);
    pickles.push(program);
    at = end;
  }
  return { pickles, storages: storagesOf(bytes, pickles, at) };
}

/** The storages behind the pickles: how long each is, is said by the value that uses it. */
function storagesOf(bytes: Uint8Array, pickles: readonly Program[], at: number): Uint8Array[] {
  const read = (pickle: number) =>
    unpickle(new ByteReader(bytesSource(assemble(pickles[pickle]), "a seed")), table.handle);
  const table = new StorageTable();
  read(value);
  return (read(keys) as string[]).map((key) => {
    const { elements, type } = table.roots.get(key)!;
    const start = at;
    at += 8 + elements * type.bytes;
    return bytes.slice(start, at);
  });
}

/** Puts a file together again. */
export function putTogether({ pickles, storages }: LegacyFile): Uint8Array<ArrayBuffer> {
  return concatenate([...pickles.map(assemble), ...storages]);
}

function parts(name: string, change: (file: LegacyFile, random: Random, seeds: readonly Seed[]) => void): Mutation {
  return {
    name,
    mutate({ bytes }, random, seeds) {
      const file = takeApart(bytes);
      change(file, random, seeds);
      return putTogether(file);
    },
  };
}
