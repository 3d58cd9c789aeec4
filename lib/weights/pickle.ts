import { Budget, cost } from "./budget.ts";
import type { ByteReader } from "./byte_reader.ts";
import { globalNamed } from "./globals.ts";
import { opcode as op, refused } from "./opcodes.ts";
import { floatNumber, longNumber, memoIndex, wholeNumber } from "./pickle_numbers.ts";
import { describe, dictAttributes, Global, isTuple, PythonObject, TensorView } from "./python.ts";

const depthLimit = 1000;

/**
 * Reads one pickle, executing nothing: it builds plain values, and the only names of Python's that it knows are the
 * stand-ins in globals.ts. The reader is left behind the pickle's last byte.
 *
 * Protocols 0 to 5, those instructions that torch's files use. What comes back is described in python.ts.
 *
 * @param persistent makes the value for a persistent id, which is how torch names the storages that lie outside the pickle
 * @throws {TypeError | RangeError} for anything that a state dict has no use for, and where the bytes end early
 */
export function unpickle(reader: ByteReader, persistent: (id: unknown) => unknown): unknown {
  return new Unpickler(reader, persistent).run();
}

class Unpickler {
  #stack: unknown[] = [];
  readonly #marked: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #budget = new Budget();

  constructor(readonly reader: ByteReader, readonly persistent: (id: unknown) => unknown) {}

  run(): unknown {
    while (true) {
      const code = this.reader.uint8();
      if (code === op.STOP) return this.#pop();
      this.#budget.spend(cost.step);
      this.#step(code);
    }
  }

  #step(code: number): void {
    const { reader } = this;
    switch (code) {
      case op.PROTO: {
        const protocol = reader.uint8();
        if (protocol > 5) throw new TypeError(`expected a pickle of protocol 0 to 5, found ${protocol}`);
        return;
      }
      case op.FRAME:
        return void reader.length64(); // frames only help readers that prefetch
      case op.MARK:
        if (this.#marked.length === depthLimit) throw new RangeError(`values nest deeper than ${depthLimit}`);
        this.#marked.push(this.#stack);
        this.#stack = [];
        return;
      case op.POP:
        if (this.#stack.length) this.#pop();
        else this.#popMark();
        return;
      case op.POP_MARK:
        return void this.#popMark();
      case op.DUP:
        return this.#push(this.#top());

      case op.NONE:
        return this.#push(null);
      case op.NEWTRUE:
        return this.#push(true);
      case op.NEWFALSE:
        return this.#push(false);
      case op.INT: {
        const text = reader.line();
        return this.#number(text === "00" ? false : text === "01" ? true : wholeNumber(text));
      }
      case op.BININT:
        return this.#push(reader.int32());
      case op.BININT1:
        return this.#push(reader.uint8());
      case op.BININT2:
        return this.#push(reader.uint16());
      case op.LONG:
        return this.#number(wholeNumber(reader.line().replace(/L$/, "")));
      case op.LONG1:
        return this.#number(longNumber(reader, reader.uint8()));
      case op.LONG4:
        return this.#number(longNumber(reader, reader.uint32()));
      case op.FLOAT:
        return this.#number(floatNumber(reader.line()));
      case op.BINFLOAT:
        return this.#push(reader.float64());

      // Python 2's strings may be text or bytes; in checkpoints they are text.
      case op.SHORT_BINSTRING:
      case op.SHORT_BINUNICODE:
        return this.#text(reader.uint8());
      case op.BINSTRING:
      case op.BINUNICODE:
        return this.#text(reader.uint32());
      case op.BINUNICODE8:
        return this.#text(reader.length64());
      case op.SHORT_BINBYTES:
        return this.#bytes(reader.uint8());
      case op.BINBYTES:
        return this.#bytes(reader.uint32());
      case op.BINBYTES8:
      case op.BYTEARRAY8:
        return this.#bytes(reader.length64());

      case op.EMPTY_LIST:
        return this.#list([]);
      case op.LIST:
        return this.#list(this.#popMark());
      case op.APPEND:
        return this.#append([this.#pop()]);
      case op.APPENDS:
        return this.#append(this.#popMark());
      case op.EMPTY_TUPLE:
        return this.#list(Object.freeze([]));
      case op.TUPLE:
        return this.#list(Object.freeze(this.#popMark()));
      case op.TUPLE1:
        return this.#list(Object.freeze(this.#popSeveral(1)));
      case op.TUPLE2:
        return this.#list(Object.freeze(this.#popSeveral(2)));
      case op.TUPLE3:
        return this.#list(Object.freeze(this.#popSeveral(3)));
      case op.EMPTY_DICT:
        return this.#dict(new Map());
      case op.DICT: {
        const items = this.#popMark();
        this.#dict(new Map());
        return this.#set(items);
      }
      case op.SETITEM:
        return this.#set(this.#popSeveral(2));
      case op.SETITEMS:
        return this.#set(this.#popMark());
      case op.EMPTY_SET:
        return this.#dict(new Set());
      case op.ADDITEMS: {
        const items = this.#popMark();
        const set = this.#top();
        if (!(set instanceof Set)) throw misuse("ADDITEMS", "a set", set);
        return this.#add(set, items);
      }
      case op.FROZENSET: {
        const set = new Set();
        this.#add(set, this.#popMark());
        return this.#dict(set);
      }

      case op.PUT:
        return this.#keep(memoIndex(reader.line()));
      case op.BINPUT:
        return this.#keep(reader.uint8());
      case op.LONG_BINPUT:
        return this.#keep(reader.uint32());
      case op.MEMOIZE:
        return this.#keep(this.#memo.size);
      case op.GET:
        return this.#push(this.#remembered(memoIndex(reader.line())));
      case op.BINGET:
        return this.#push(this.#remembered(reader.uint8()));
      case op.LONG_BINGET:
        return this.#push(this.#remembered(reader.uint32()));

      case op.GLOBAL: {
        const module = reader.line();
        return this.#global(module, reader.line());
      }
      case op.STACK_GLOBAL: {
        const [module, name] = this.#popSeveral(2);
        if (typeof module !== "string" || typeof name !== "string") throw misuse("STACK_GLOBAL", "two names", module);
        return this.#global(module, name);
      }
      case op.REDUCE:
        return this.#call();
      case op.NEWOBJ:
        return this.#object();
      case op.BUILD:
        return this.#build();
      case op.BINPERSID:
        this.#budget.spend(cost.tensor);
        return this.#push(this.persistent(this.#pop()));
    }
    const name = refused[code];
    const at = `at byte ${reader.position - 1}`;
    if (name) throw new TypeError(`its pickle uses the instruction ${name} ${at}, which state dicts do not need`);
    throw new TypeError(`expected a pickle instruction ${at}, found byte 0x${code.toString(16).padStart(2, "0")}`);
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  /** A number that had to be worked out of digits or bytes. */
  #number(value: number | bigint | boolean): void {
    this.#budget.spend(cost.written);
    this.#push(value);
  }

  #text(length: number): void {
    this.#budget.spend(cost.text + Math.min(length, this.reader.remaining) * cost.character);
    this.#push(this.reader.text(length));
  }

  #bytes(length: number): void {
    this.#budget.spend(cost.bytes + Math.min(length, this.reader.remaining) * cost.byte);
    this.#push(this.reader.bytes(length));
  }

  #list(list: readonly unknown[]): void {
    this.#budget.spend(cost.list + list.length * cost.item);
    this.#push(list);
  }

  #dict(dict: Map<unknown, unknown> | Set<unknown>): void {
    this.#budget.spend(cost.dict);
    this.#push(dict);
  }

  #global(module: string, name: string): void {
    this.#budget.spend(cost.dict + (module.length + name.length) * cost.character);
    this.#push(globalNamed(module, name));
  }

  #top(): unknown {
    if (!this.#stack.length) throw new TypeError("its pickle takes a value from an empty stack");
    return this.#stack[this.#stack.length - 1];
  }

  #pop(): unknown {
    const top = this.#top();
    this.#stack.pop();
    return top;
  }

  #popSeveral(count: number): unknown[] {
    if (this.#stack.length < count) throw new TypeError("its pickle takes a value from an empty stack");
    return this.#stack.splice(-count);
  }

  #popMark(): unknown[] {
    const below = this.#marked.pop();
    if (!below) throw new TypeError("its pickle ends a group that it never began");
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  #keep(index: number): void {
    this.#budget.spend(cost.kept);
    this.#memo.set(index, this.#top());
  }

  #remembered(index: number): unknown {
    if (!this.#memo.has(index)) throw new TypeError(`its pickle asks for value ${index}, which it never kept`);
    return this.#memo.get(index);
  }

  #append(items: unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list) || isTuple(list)) throw misuse("APPEND", "a list", list);
    this.#budget.spend(items.length * cost.item);
    for (const item of items) (list as unknown[]).push(item);
  }

  #set(items: unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map)) throw misuse("SETITEM", "a dict", dict);
    if (items.length % 2) throw misuse("SETITEM", "pairs of key and value", items);
    for (let i = 0; i < items.length; i += 2) {
      this.#budget.spend(keyCost(items[i]));
      dict.set(items[i], items[i + 1]);
    }
  }

  #add(set: Set<unknown>, items: readonly unknown[]): void {
    for (const item of items) {
      this.#budget.spend(keyCost(item));
      set.add(item);
    }
  }

  #call(): void {
    const [callee, args] = this.#popSeveral(2);
    if (!(callee instanceof Global)) throw misuse("REDUCE", "an allowed name of Python's", callee);
    if (!callee.call) throw new TypeError(`its pickle calls ${describe(callee)}, which is only a name here`);
    if (!isTuple(args)) throw misuse("REDUCE", "a tuple of arguments", args);
    // A call may copy what it is given, and the same value can be given again and again: copies count.
    this.#budget.spend(cost.tensor + args.length * cost.copied);
    for (const arg of args) this.#budget.spend(sizeOf(arg) * cost.copied);
    this.#push(callee.call(args));
  }

  /** An object of a network's class, as data. Of the other names those that can be called may be called so too. */
  #object(): void {
    const [type, args] = this.#stack.slice(-2);
    if (!(type instanceof Global && type.isClass)) return this.#call();
    if (!isTuple(args) || args.length) throw misuse("NEWOBJ", "no arguments", args);
    this.#popSeveral(2);
    this.#budget.spend(cost.dict);
    this.#push(new PythonObject(type.name));
  }

  /** BUILD gives an object its attributes: to a network's object, and the byte order to a numpy type. */
  #build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (target instanceof PythonObject) return void (target.state = state);
    if (target instanceof TensorView) return; // a Parameter's Python attributes
    if (!(target instanceof Map)) throw misuse("BUILD", "a tensor or an OrderedDict", target);
    if (isTuple(state) && target.has("code")) target.set("order", state[1]);
    else {
      this.#budget.spend(cost.dict);
      dictAttributes.set(target, state);
    }
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 0;
}

function keyCost(key: unknown): number {
  const index = typeof key === "number" && key >= 0 && key < 2 ** 24 && Number.isInteger(key);
  return cost.pair + ((typeof key === "number" || typeof key === "bigint") && !index ? cost.numericKey : 0);
}

function misuse(instruction: string, expected: string, found: unknown): TypeError {
  return new TypeError(`its pickle's ${instruction} expected ${expected}, found ${describe(found)}`);
}
