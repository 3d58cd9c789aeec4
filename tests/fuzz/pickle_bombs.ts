import { opcode as op } from "../../lib/weights/opcodes.ts";
import type { PickleMutation } from "./pickle.ts";
import { insert } from "./pickle.ts";
import { global, type Instruction, int, memo, plain, type Program, text, tuple } from "./pickle_program.ts";
import type { Random } from "./random.ts";

const storage = 8000; // where a storage is kept

/** Small pickles that ask for much memory or time; how much is drawn, up to what would end a process that gave it. */
export const pickleBombs: readonly PickleMutation[] = [
  bomb("bomb: values without number", (random) => {
    const code = random.pick([op.EMPTY_DICT, op.EMPTY_LIST, op.EMPTY_SET, op.EMPTY_TUPLE, op.NONE, op.MEMOIZE, op.DUP]);
    const few = random.once(2) ? plain(code) : plain(op.EMPTY_LIST, op.NONE, op.APPEND);
    return [...plain(op.EMPTY_LIST), ...times(random.count(200_000), few)];
  }),
  bomb("bomb: dicts in dicts, each a thousand times", (random) => {
    const name = random.pick(["model_", "x", "state_dict"]);
    const width = random.count(1000);
    const program: Program = [...plain(op.EMPTY_DICT), memo(op.LONG_BINPUT, 9000)];
    for (let level = 1; level <= random.pick([2, 4, 8, 60]); level++) {
      program.push(...plain(op.EMPTY_DICT), memo(op.LONG_BINPUT, 9000 + level), ...plain(op.MARK));
      for (let i = 0; i < width; i++) program.push(text(`${name}${i}`), memo(op.LONG_BINGET, 9000 + level - 1));
      program.push(...plain(op.SETITEMS));
    }
    return program;
  }, "whole"),
  bomb("bomb: one value, copied again and again", (random) => {
    const what = random.pick([op.LIST, op.TUPLE, op.DICT, op.FROZENSET]);
    const items = 2 * random.count(20_000);
    const callee = random.pick([
      global("builtins", "set"),
      global("collections", "OrderedDict"),
      global("torch", "Size"),
      global("torch", "device"),
      global("builtins", "bytearray"),
      global("_codecs", "encode"),
    ]);
    const made = random.once(4) ? [text("x".repeat(items))] : [...plain(op.MARK), ...numbered(items), ...plain(what)];
    const args = random.once(2) ? [...made, ...plain(op.TUPLE1)] : made;
    const call = [callee, memo(op.LONG_BINGET, 9001), ...plain(op.REDUCE)];
    return [...args, memo(op.LONG_BINPUT, 9001), ...times(random.count(20_000), call)];
  }),
  bomb("bomb: keys of one hash", (random) => {
    const count = random.count(30_000);
    const big = random.once(2);
    const key = (i: number) => int(big ? (BigInt(i + 1) << 64n) + 12345n : BigInt(i) << 32n);
    const items = Array.from({ length: count }, (_, i) => [key(i), ...plain(op.NONE)]).flat();
    return [...plain(op.EMPTY_DICT, op.MARK), ...items, ...plain(op.SETITEMS)];
  }),
  bomb("bomb: names that grow", (random) => {
    const program: Program = [text("k".repeat(random.count(1 << 17))), memo(op.LONG_BINPUT, 9001), ...plain(op.NONE)];
    for (let level = 0; level < random.count(64); level++) {
      program.push(memo(op.LONG_BINPUT, 9002), ...plain(op.EMPTY_DICT), memo(op.LONG_BINGET, 9001));
      program.push(memo(op.LONG_BINGET, 9002), ...plain(op.SETITEM));
    }
    return program;
  }),
  bomb("bomb: tensors without number", (random) => {
    const rank = random.pick([1, 4, 64]);
    const ones = tuple(Array.from({ length: rank }, () => random.once(4) ? 0 : 2 ** 40));
    const zero = tuple(Array.from({ length: rank }, (_, i) => i === 0 ? 0 : 2 ** 40));
    const args = [...plain(op.MARK), memo(op.LONG_BINGET, storage), int(0), ...zero, ...ones];
    const view = [global("torch._utils", "_rebuild_tensor"), memo(op.LONG_BINGET, 9001), ...plain(op.REDUCE)];
    const program: Program = [
      ...args,
      ...plain(op.TUPLE),
      memo(op.LONG_BINPUT, 9001),
      ...plain(op.EMPTY_DICT, op.MARK),
    ];
    for (let i = random.count(20_000); i > 0; i--) program.push(text(`w${i}`), ...view);
    return [...program, ...plain(op.SETITEMS)];
  }, "whole"),
  bomb("bomb: modules in modules, each several times", (random) => {
    const width = random.count(30), depth = random.count(150), name = "m".repeat(random.count(2000));
    const object = (state: Program): Program => [
      global("torch.nn.modules.container", "Sequential"),
      ...plain(op.EMPTY_TUPLE, op.NEWOBJ, op.EMPTY_DICT),
      text("_modules"),
      ...plain(op.EMPTY_DICT, op.MARK),
      ...state,
      ...plain(op.SETITEMS, op.SETITEM, op.BUILD),
    ];
    const program: Program = [...object([]), memo(op.LONG_BINPUT, 9000)];
    for (let level = 1; level <= depth; level++) {
      const children = Array.from({ length: width }, (_, i) => [text(name + i), memo(op.LONG_BINGET, 8999 + level)])
        .flat();
      program.push(...object(children), memo(op.LONG_BINPUT, 9000 + level));
    }
    return program;
  }, "whole"),
];

/** What is made goes in front of the pickle's end, beside its value or as its value. */
function bomb(name: string, make: (random: Random) => Program, where?: "whole"): PickleMutation {
  return {
    name,
    edit(program, random) {
      // Tensors are views of the first storage that the pickle has, so that nothing but their number is wrong.
      const persistent = program.findIndex(({ code }) => code === op.BINPERSID);
      if (persistent >= 0) insert(program, persistent + 1, [memo(op.LONG_BINPUT, storage)]);
      const made = make(random);
      if (where === "whole" && !random.once(4)) return insert(program, program.length - 1, made);
      // In a list under a name of its own, or on the stack where nobody takes it.
      const beside = random.once(2)
        ? [text("extra"), ...plain(op.MARK), ...made, ...plain(op.LIST, op.SETITEM)]
        : [...plain(op.MARK), ...made, ...plain(op.POP_MARK)];
      return insert(program, program.length - 1, beside);
    },
  };
}

function numbered(count: number): Instruction[] {
  return Array.from({ length: count }, (_, i) => int(i % 1000));
}

function times(count: number, program: Program): Program {
  const repeated: Program = [];
  for (let i = 0; i < count; i++) for (const instruction of program) repeated.push(instruction);
  return repeated;
}
