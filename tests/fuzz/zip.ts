import { concatenate, type Mutation, type Seed } from "./mutation.ts";
import { type PickleMutation, pickleMutations } from "./pickle.ts";
import { pickleBombs } from "./pickle_bombs.ts";
import { assemble, parsePickle, type Program } from "./pickle_program.ts";
import type { Random } from "./random.ts";
import { names, numbers } from "./values.ts";
import { writeZip, zipPlaces, type ZipRecord, zipRecords } from "./zip_records.ts";

const utf8 = new TextEncoder();

/** What is done to the zip files of torch.save: to their headers and records, and to the pickle within, rightly packed again. */
export const zipMutations: readonly Mutation[] = [
  headers("zip: local headers", (random, { local }) => [random.pick(local), 30]),
  headers("zip: directory", (random, { central }) => [random.pick(central), 46]),
  headers("zip: end record", (_random, { end }) => [end, 22]),
  headers(
    "zip: zip64 end record",
    (random, { end, end64 }) => end64 === undefined ? [end, 22] : [end64, random.pick([56, 76])],
  ),
  records("zip: zip64 sizes and places", (records, random) => {
    const number = () => BigInt.asUintN(64, random.pick(numbers));
    for (let i = random.count(3); i > 0; i--) {
      const says = random.pick([{ size: number(), packedSize: number() }, { offset: number() }, { size: number() }]);
      random.pick(records).says = says;
    }
  }),
  records("zip: sizes that agree", (records, random) => {
    const record = random.pick(records);
    const size = random.once(2) ? BigInt(record.data.length + random.below(200) - 100) : BigInt(random.below(1 << 20));
    record.says = { size: BigInt.asUintN(64, size), packedSize: BigInt.asUintN(64, size) };
  }),
  records("zip: records that overlap", (records, random) => {
    const places = records.map((_, i) => BigInt(i * 50));
    for (let i = random.count(4); i > 0; i--) random.pick(records).says = { offset: random.pick(places) };
  }),
  records("zip: data moved into what follows", (records, random) => {
    const record = random.pick(records);
    const extra = random.bytes(random.pick([1, 8, 64, 300]));
    // The header in front says more extra bytes than there are: the data seems to begin further on.
    record.localExtra = extra;
    record.data = record.data.subarray(0, Math.max(0, record.data.length - extra.length));
    record.says = {
      size: BigInt(record.data.length + extra.length),
      packedSize: BigInt(record.data.length + extra.length),
    };
  }),
  records("zip: names doubled", (records, random) => {
    const record = random.pick(records);
    records.splice(random.below(records.length + 1), 0, { ...record, data: random.bytes(random.below(100)) });
  }),
  records("zip: names", (records, random) => {
    for (let i = random.count(3); i > 0; i--) {
      const name = random.once(4) ? random.bytes(random.below(20)) : utf8.encode(random.pick(names).slice(0, 60000));
      const record = random.pick(records);
      if (random.once(2)) record.name = concatenate([record.name.subarray(0, random.below(record.name.length)), name]);
      else record.localName = name;
    }
  }),
  records("zip: records beside each other's", (records, random) => {
    const [a, b] = [random.pick(records), random.pick(records)];
    [a.data, b.data] = [b.data, a.data];
    if (random.once(2)) {
      records.push({ ...a, name: utf8.encode(random.pick(["data.pkl", "x/data.pkl", "model/constants.pkl"])) });
    }
  }),
  records("zip: records lost", (records, random) => {
    for (let i = random.count(3); i > 0 && records.length > 1; i--) records.splice(random.below(records.length), 1);
  }),
  records("zip: storages of other lengths", (records, random) => {
    for (const record of records) {
      if (random.once(2)) continue;
      const longer = concatenate([record.data, random.bytes(random.below(64))]);
      record.data = random.once(2) ? longer : record.data.subarray(0, random.below(record.data.length + 1));
    }
  }),
  records("zip: methods and flags", (records, random) => {
    for (let i = random.count(3); i > 0; i--) {
      random.pick(records).says = {
        method: random.pick([0, 8, 8, 9, 12, 14, 93, 99]),
        flags: random.pick([0, 1, 8, 0x800, 0xffff]),
      };
    }
  }),
  records("zip: byte order", (records, random) => {
    const order = records.find(({ name }) => new TextDecoder().decode(name).endsWith("byteorder"));
    const texts = ["big", "little", "", "LITTLE", "middle", "big\n", "\0", "l".repeat(100_000)];
    if (order) order.data = utf8.encode(random.pick(texts));
  }),
  records("zip: deflated anew", (records, random) => {
    for (const record of records) record.deflated = !random.once(3);
    if (random.once(2)) random.pick(records).says = { size: BigInt.asUintN(64, random.pick(numbers)) };
  }),
  records("bomb: records that unpack to much", (records, random) => {
    const record = random.pick(records);
    const size = random.count(1 << 27);
    record.data = new Uint8Array(size).fill(random.pick([0, 0x7d, 0x28, 0x32]));
    record.deflated = true;
    if (random.once(3)) record.says = { size: BigInt(random.pick([0, 1, record.data.length - 1, 2 ** 31])) };
  }),
  records("bomb: records without number", (records, random) => {
    const name = random.pick(["", "x".repeat(random.count(200))]);
    for (let i = random.count(30_000); i > 0; i--) {
      records.push({ name: utf8.encode(name + i), data: new Uint8Array() });
    }
  }),
  ...pickleMutations.map((mutation) => ofPickle(mutation)),
  ...pickleBombs.map((mutation) => ofPickle(mutation, true)),
];

/** Sets fields of a header or end record, as they lie in the file. */
function headers(
  name: string,
  choose: (random: Random, places: ReturnType<typeof zipPlaces>) => [at: number, size: number],
): Mutation {
  return {
    name,
    mutate({ bytes }, random) {
      const changed = bytes.slice();
      const view = new DataView(changed.buffer);
      const places = zipPlaces(bytes);
      for (let i = random.count(3); i > 0; i--) {
        const [start, size] = choose(random, places);
        const width = random.pick([1, 2, 4, 8]);
        const at = start + random.below(size - width + 1);
        const number = BigInt.asUintN(8 * width, random.pick(numbers));
        for (let byte = 0; byte < width; byte++) view.setUint8(at + byte, Number((number >> BigInt(8 * byte)) & 255n));
      }
      return changed;
    },
  };
}

/** Changes the records and writes them anew. */
function records(name: string, change: (records: ZipRecord[], random: Random) => void): Mutation {
  return {
    name,
    mutate({ bytes }, random) {
      const records = zipRecords(bytes);
      change(records, random);
      return writeZip(records, random.once(2));
    },
  };
}

/** Changes the pickle, and writes the records anew. A bomb's may be deflated: that is what makes it small. */
export function ofPickle({ name, edit }: PickleMutation, mayDeflate = false): Mutation {
  return {
    name: name.includes(": ") ? name : `pickle: ${name}`,
    mutate({ bytes }, random, seeds) {
      const records = zipRecords(bytes);
      const pickle = records.find(isPickle)!;
      pickle.data = assemble(edit(parsePickle(pickle.data).program, random, seeds.map(programOf)));
      pickle.deflated = mayDeflate && random.once(2);
      return writeZip(records, random.once(2));
    },
  };
}

function isPickle({ name }: ZipRecord): boolean {
  return new TextDecoder().decode(name).endsWith("data.pkl");
}

const programs = new Map<string, Program>();

/** The instructions of a file's pickle. */
export function programOf(seed: Seed): Program {
  let program = programs.get(seed.name);
  if (!program) programs.set(seed.name, program = parsePickle(zipRecords(seed.bytes).find(isPickle)!.data).program);
  return program;
}
