import type { Mutation } from "./mutation.ts";
import { concatenate } from "./mutation.ts";

/** What can happen to any file, whatever it is: bits flip, parts are lost, doubled or exchanged for those of another file. */
export const byteMutations: readonly Mutation[] = [
  {
    name: "bytes: bits flipped",
    mutate({ bytes }, random) {
      const changed = bytes.slice();
      for (let i = random.count(64); i > 0; i--) changed[random.below(bytes.length)] ^= 1 << random.below(8);
      return changed;
    },
  },
  {
    name: "bytes: bytes set",
    mutate({ bytes }, random) {
      const changed = bytes.slice();
      for (let i = random.count(16); i > 0; i--) {
        const at = random.below(bytes.length);
        changed.fill(random.pick([0, 0xff, 0x7f, 0x80, random.below(256)]), at, at + random.count(16));
      }
      return changed;
    },
  },
  { name: "bytes: cut", mutate: ({ bytes }, random) => bytes.slice(0, random.below(bytes.length)) },
  {
    name: "bytes: a part lost",
    mutate({ bytes }, random) {
      const [start, end] = random.range(bytes);
      return concatenate([bytes.subarray(0, start), bytes.subarray(Math.min(end, start + random.count(bytes.length)))]);
    },
  },
  {
    name: "bytes: a part doubled",
    mutate({ bytes }, random) {
      const [start, end] = random.range(bytes);
      const part = bytes.subarray(start, Math.min(end, start + 4096));
      const times = random.count(20);
      return concatenate([bytes.subarray(0, end), ...Array.from({ length: times }, () => part), bytes.subarray(end)]);
    },
  },
  {
    name: "bytes: spliced with another file",
    mutate({ bytes }, random, seeds) {
      const other = random.pick(seeds).bytes;
      const [start, end] = random.range(other);
      const at = random.below(bytes.length + 1);
      return concatenate([
        bytes.subarray(0, at),
        other.subarray(start, end),
        bytes.subarray(random.once(2) ? at : end),
      ]);
    },
  },
];
