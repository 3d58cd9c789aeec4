import { opcode as op } from "../../lib/weights/opcodes.ts";
import { global, type Instruction, int, layouts, memo, plain, type Program, text, tuple } from "./pickle_program.ts";
import type { Random } from "./random.ts";
import { globals, names, numbers } from "./values.ts";

/** One way to spoil a pickle; zip.ts and legacy.ts put it into a file again. */
export interface PickleMutation {
  name: string;
  edit(program: Program, random: Random, others: readonly Program[]): Program;
}

const codes = Object.values(op);

/** What is done to the instructions of a pickle, whatever they are. */
export const pickleMutations: readonly PickleMutation[] = [
  {
    name: "instructions swapped",
    edit(program, random) {
      for (let i = random.count(8); i > 0; i--) {
        const [a, b] = [random.below(program.length), random.below(program.length)];
        [program[a], program[b]] = [program[b], program[a]];
      }
      return program;
    },
  },
  {
    name: "instructions dropped",
    edit(program, random) {
      for (let i = random.count(8); i > 0; i--) program.splice(random.below(program.length), random.count(4));
      return program;
    },
  },
  {
    name: "instructions repeated",
    edit(program, random) {
      const [start, end] = random.range(program);
      const part = program.slice(start, Math.min(end, start + random.count(50)));
      return insert(program, end, Array.from({ length: random.count(2000) }, () => part).flat());
    },
  },
  {
    name: "instructions exchanged",
    edit(program, random) {
      for (let i = random.count(6); i > 0; i--) program[random.below(program.length)] = anyInstruction(random);
      return program;
    },
  },
  {
    name: "instructions added",
    edit(program, random) {
      for (let i = random.count(20); i > 0; i--) {
        insert(program, random.below(program.length), [anyInstruction(random)]);
      }
      return program;
    },
  },
  {
    name: "another pickle's instructions",
    edit(program, random, others) {
      const other = random.pick(others);
      const [start, end] = random.range(other);
      return insert(program, random.below(program.length), other.slice(start, Math.min(end, start + 200)));
    },
  },
  {
    name: "arguments exchanged",
    edit(program, random) {
      for (let i = random.count(6); i > 0; i--) {
        const one = random.pick(program), other = random.pick(program);
        if (one.argument.length && other.argument.length) {
          [one.argument, other.argument] = [other.argument, one.argument];
        }
      }
      return program;
    },
  },
  {
    name: "lengths and numbers",
    edit(program, random) {
      const numeric = program.filter(({ argument }) => argument.length > 0);
      for (let i = random.count(4); i > 0; i--) setNumber(random.pick(numeric), random);
      return program;
    },
  },
  {
    name: "whole numbers beyond all counts",
    edit(program, random) {
      const places = indices(program, ({ code }) => code === op.BININT1 || code === op.BININT2 || code === op.BININT);
      for (let i = random.count(4); i > 0 && places.length; i--) {
        program[random.pick(places)] = int(random.pick(numbers));
      }
      return program;
    },
  },
  {
    name: "texts",
    edit(program, random) {
      const places = indices(program, ({ code }) => code === op.BINUNICODE || code === op.SHORT_BINUNICODE);
      for (let i = random.count(4); i > 0 && places.length; i--) {
        program[random.pick(places)] = text(random.pick(names));
      }
      return program;
    },
  },
  {
    name: "values nested",
    edit(program, random) {
      const wrap = random.pick([
        plain(op.TUPLE1),
        plain(op.DUP, op.TUPLE2),
        [memo(op.LONG_BINPUT, 9999), ...plain(op.POP, op.EMPTY_LIST), memo(op.LONG_BINGET, 9999), ...plain(op.APPEND)],
        [
          memo(op.LONG_BINPUT, 9999),
          ...plain(op.POP, op.EMPTY_DICT),
          text(random.pick(["model", "state_dict", "x"])),
          memo(op.LONG_BINGET, 9999),
          ...plain(op.SETITEM),
        ],
        plain(op.MARK),
      ]);
      const at = random.once(3) ? program.length - 1 : random.below(program.length);
      return insert(program, at, Array.from({ length: random.count(5000) }, () => wrap).flat());
    },
  },
  {
    name: "the memo",
    edit(program, random) {
      const uses = indices(program, ({ code }) => code === op.BINGET || code === op.LONG_BINGET || code === op.BINPUT);
      for (let i = random.count(10); i > 0 && uses.length; i--) {
        const use = program[random.pick(uses)];
        use.argument = use.argument.with(0, random.below(256)) as Uint8Array;
      }
      const kept = random.pick([memo(op.LONG_BINGET, random.below(300)), memo(op.LONG_BINPUT, random.below(300))]);
      return random.once(2) ? insert(program, random.below(program.length), [kept]) : program;
    },
  },
  {
    name: "values that contain themselves",
    edit(program, random) {
      const cycle = random.pick([
        [...plain(op.EMPTY_LIST, op.DUP, op.DUP, op.APPEND, op.POP)],
        [
          ...plain(op.EMPTY_DICT),
          memo(op.LONG_BINPUT, 9996),
          text("model"),
          memo(op.LONG_BINGET, 9996),
          ...plain(op.SETITEM, op.POP),
        ],
        plain(op.DUP, op.DUP, op.DUP, op.SETITEM),
        [
          ...plain(op.DUP),
          text(random.pick(["self", "model", "state_dict"])),
          memo(op.LONG_BINGET, 9998),
          ...plain(op.SETITEM),
        ],
        plain(op.DUP, op.BUILD),
      ]);
      insert(program, program.length - 1, [memo(op.LONG_BINPUT, 9998), ...cycle]);
      return random.once(2) ? insert(program, random.below(program.length), cycle) : program;
    },
  },
  {
    name: "names of Python's",
    edit(program, random) {
      const places = indices(program, ({ code }) => code === op.GLOBAL || code === op.STACK_GLOBAL);
      for (let i = random.count(3); i > 0 && places.length; i--) exchangeGlobal(program, random.pick(places), random);
      return program;
    },
  },
  {
    name: "calls",
    edit(program, random) {
      const value = random.pick([
        [global(...random.pick(globals)), ...plain(op.EMPTY_TUPLE)],
        plain(op.EMPTY_DICT, op.EMPTY_TUPLE),
        plain(op.DUP, op.EMPTY_TUPLE),
        plain(op.EMPTY_DICT),
        [global(...random.pick(globals)), text("echo"), ...plain(op.TUPLE1)],
        [global("torch.nn.modules.linear", "Linear"), ...plain(op.EMPTY_TUPLE, op.NEWOBJ, op.DUP)],
        [
          global("torch._tensor", "_rebuild_from_type_v2"),
          global(...random.pick(globals)),
          ...plain(op.NONE, op.EMPTY_TUPLE, op.TUPLE3),
        ],
        [],
      ]);
      const call = random.pick([op.REDUCE, op.NEWOBJ, op.BUILD, op.BINPERSID]);
      return insert(program, random.below(program.length), [...value, ...plain(call)]);
    },
  },
  {
    name: "tensors' sizes, strides and offsets",
    edit(program, random) {
      const places = indices(program, ({ code }, i) => code === op.BINPERSID && isNumber(program[i + 1]));
      for (let i = random.count(3); i > 0 && places.length; i--) exchangeView(program, random.pick(places), random);
      return program;
    },
  },
  {
    name: "storages' types, keys and lengths",
    edit(program, random) {
      const places = indices(program, ({ code }) => code === op.BINPERSID);
      for (let i = random.count(3); i > 0 && places.length; i--) {
        const at = random.pick(places);
        if (random.once(2)) exchangePart(program, at, random);
        else program.splice(at, 1, ...plain(op.POP), ...storage(random), ...plain(op.BINPERSID));
      }
      return program;
    },
  },
];

/** Puts instructions in front of the one at `at`. */
export function insert(program: Program, at: number, instructions: Program): Program {
  const after = program.splice(Math.max(0, at));
  for (const instruction of instructions) program.push({ ...instruction });
  for (const instruction of after) program.push(instruction);
  return program;
}

/** Puts another name of Python's in the place of one. */
export function exchangeGlobal(program: Program, at: number, random: Random): void {
  const [module, name] = random.pick(globals);
  if (program[at].code === op.GLOBAL) program[at] = global(module, name);
  else program.splice(at, 1, ...plain(op.POP, op.POP), text(module), text(name), ...plain(op.STACK_GLOBAL));
}

/** Any instruction there is, with an argument of its layout, or a byte that is none. */
function anyInstruction(random: Random): Instruction {
  if (random.once(8)) return { code: random.below(256), argument: random.bytes(random.below(4)) };
  const code = random.pick(codes);
  const layout = layouts.get(code);
  if (code === op.GLOBAL) return global(...random.pick(globals));
  if (!layout) return { code, argument: new Uint8Array() };
  if ("bytes" in layout) return { code, argument: random.bytes(layout.bytes) };
  if ("lines" in layout) {
    const line = random.pick([
      "",
      "0",
      "1",
      "-1",
      "9".repeat(2000),
      "1e999",
      "nan",
      "L",
      "01",
      "9007199254740993L",
      "é",
    ]);
    return { code, argument: new TextEncoder().encode(`${line}\n`.repeat(layout.lines)) };
  }
  const length = random.below(12);
  const argument = new Uint8Array(layout.prefix + length);
  argument[0] = length;
  argument.set(random.bytes(length), layout.prefix);
  return { code, argument };
}

/** Sets an argument's first bytes, its length or all of it, to a number that is no likely one. */
function setNumber(instruction: Instruction, random: Random): void {
  const number = BigInt.asUintN(64, random.pick(numbers));
  const width = Math.min(8, instruction.argument.length, layoutWidth(instruction.code));
  instruction.argument = instruction.argument.slice();
  for (let i = 0; i < width; i++) instruction.argument[i] = Number((number >> BigInt(8 * i)) & 255n);
}

function layoutWidth(code: number): number {
  const layout = layouts.get(code)!;
  return "bytes" in layout ? layout.bytes : "prefix" in layout ? layout.prefix : 8;
}

function isNumber(instruction: Instruction | undefined): boolean {
  return [op.BININT1, op.BININT2, op.BININT].includes(instruction?.code as 0x4b);
}

/** Behind a tensor's storage come its offset, size and strides: they become others. */
function exchangeView(program: Program, at: number, random: Random): void {
  const rank = random.pick([0, 1, 2, 3, 4, 5, 63, 64, 65, 1000]);
  const small = () => random.pick([0, 1, 2, 3, 5, 16, -1, -4]);
  const value = () => random.once(3) ? random.pick(numbers) : BigInt(small());
  const sizes = random.pick([
    () => Array.from({ length: rank }, value),
    () => Array.from({ length: rank }, () => 1n),
    () => [2n ** 24n],
    () => [2n ** 12n, 2n ** 12n],
    () => [2n ** 53n - 1n, 0n],
    () => Array.from({ length: rank }, () => 2n ** 40n),
  ])();
  const strides = random.pick([
    () => sizes.map(() => 0n),
    () => sizes.map(() => value()),
    () => sizes.map(() => -1n),
    () => sizes.map((_, i) => BigInt(i)),
    () => [1n],
  ])();
  const offset = random.pick([0n, 0n, 1n, random.pick(numbers)]);
  // What was there comes behind these, where the call takes it for something else.
  insert(program, at + 1, [int(offset), ...tuple(sizes), ...tuple(strides)]);
}

const storageTypes = ["FloatStorage", "IntStorage", "HalfStorage", "DoubleStorage", "LongStorage", "ByteStorage"];

/** Changes one part of a storage's persistent id, which lies in front of the instruction that makes it one. */
function exchangePart(program: Program, persistent: number, random: Random): void {
  const start = Math.max(0, persistent - 12);
  const before = program.slice(start, persistent);
  const number = before.findLastIndex(isNumber);
  const type = before.findLastIndex(({ code }) => code === op.GLOBAL);
  const key = before.findLastIndex(({ code }) => code === op.BINUNICODE);
  const [at, other] = random.pick(
    [
      [number, int(random.once(2) ? random.pick(numbers) : random.below(40))],
      [type, global("torch", random.pick(storageTypes))],
      [key, text(random.once(4) ? random.pick(names) : String(random.below(8)))],
    ] as const,
  );
  if (at >= 0) program[start + at] = other;
}

/** A persistent id as torch writes it, with something wrong. */
function storage(random: Random): Program {
  const type = random.once(3) ? random.pick(globals) : ["torch", random.pick(["FloatStorage", "LongStorage"])] as const;
  const length = random.once(2) ? random.pick(numbers) : BigInt(random.below(500));
  const view: Program = random.once(3)
    ? [...plain(op.MARK), text("view"), int(random.pick(numbers)), int(random.pick(numbers)), ...plain(op.TUPLE)]
    : random.once(2)
    ? plain(op.NONE)
    : [];
  return [
    ...plain(op.MARK),
    text(random.once(8) ? random.pick(names) : "storage"),
    global(type[0], type[1]),
    text(random.once(3) ? random.pick(names) : String(random.below(8))),
    text("cpu"),
    int(length),
    ...view,
    ...plain(op.TUPLE),
  ];
}

function indices(program: Program, matches: (instruction: Instruction, index: number) => boolean): number[] {
  return program.flatMap((instruction, i) => matches(instruction, i) ? [i] : []);
}
