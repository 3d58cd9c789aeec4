import { assert, assertEquals } from "@std/assert";
import { allowedGlobals, globalNamed } from "../../lib/weights/globals.ts";
import { load } from "../../lib/weights/load.ts";
import { opcode as op } from "../../lib/weights/opcodes.ts";
import { Global, PythonObject } from "../../lib/weights/python.ts";
import { putTogether, takeApart } from "./legacy.ts";
import type { Seed } from "./mutation.ts";
import { assemble, global, parsePickle, plain, type Program, text } from "./pickle_program.ts";
import { readSeeds } from "./seeds.ts";
import { globals } from "./values.ts";
import { writeZip, zipRecords } from "./zip_records.ts";

/** What runs code or reaches beyond the process: none of it may be touched while a file is opened. */
const doors: [owner: Record<string, unknown>, name: string][] = [
  ...["eval", "Function", "fetch", "Worker", "WebSocket", "setTimeout", "queueMicrotask"].map((name) => {
    return [globalThis as unknown as Record<string, unknown>, name] as [Record<string, unknown>, string];
  }),
  ...[
    "Command",
    "open",
    "openSync",
    "readFile",
    "readFileSync",
    "writeFile",
    "writeFileSync",
    "remove",
    "dlopen",
    "connect",
  ]
    .map((name) => [Deno as unknown as Record<string, unknown>, name] as [Record<string, unknown>, string]),
];

/** Does something and says what was called of the doors, and of the table in globals.ts. */
async function watching(work: () => Promise<void>): Promise<{ opened: Set<string>; called: Set<string> }> {
  const opened = new Set<string>(), called = new Set<string>();
  const originals = doors.map(([owner, name]) => owner[name]);
  const calls = [...allowedGlobals().values()].map((global) => [global, global.call] as const);
  doors.forEach(([owner, name], i) => {
    const original = originals[i] as (...args: unknown[]) => unknown;
    const watched = function (...args: unknown[]): unknown {
      opened.add(name);
      return new.target ? Reflect.construct(original, args) : Reflect.apply(original, owner, args);
    };
    Object.defineProperty(owner, name, { value: watched, configurable: true, writable: true });
  });
  for (const [global, call] of calls) {
    if (!call) continue;
    (global as { call: unknown }).call = (args: readonly unknown[]) => {
      called.add(global.name);
      return call(args);
    };
  }
  try {
    await work();
  } finally {
    doors.forEach(([owner, name], i) => {
      Object.defineProperty(owner, name, { value: originals[i], configurable: true, writable: true });
    });
    for (const [global, call] of calls) (global as { call: unknown }).call = call;
  }
  return { opened, called };
}

/** A file taken apart once, to be put together with another pickle many times. */
function opened(seed: Seed): { program: Program; withProgram(program: Program): Uint8Array } {
  if (seed.format === "torch legacy") {
    const file = takeApart(seed.bytes);
    const program = file.pickles[3];
    return { program, withProgram: (other) => putTogether({ ...file, pickles: file.pickles.with(3, other) }) };
  }
  const records = zipRecords(seed.bytes);
  const place = records.findIndex(({ name }) => new TextDecoder().decode(name).endsWith("data.pkl"));
  return {
    program: parsePickle(records[place].data).program,
    withProgram: (other) => writeZip(records.with(place, { ...records[place], data: assemble(other) })),
  };
}

/** The places of a pickle's names of Python's, one of each. */
function placesOf(program: Program): number[] {
  const places = new Map<string, number>();
  program.forEach(({ code, argument }, at) => {
    if (code === op.GLOBAL) places.set(new TextDecoder().decode(argument), at);
    if (code === op.STACK_GLOBAL) places.set(`at ${at}`, at);
  });
  return [...places.values()];
}

/** The pickle with the name at `at` exchanged for another. */
function exchanged(program: Program, at: number, module: string, name: string): Program {
  const before = program[at].code === op.GLOBAL ? [] : plain(op.POP, op.POP);
  return program.toSpliced(at, 1, ...before, text(module), text(name), ...plain(op.STACK_GLOBAL));
}

const few = ["model.pth", "wrapped.pth", "whole_model.pth", "protocol4.pth", "model_legacy.pth"];

Deno.test("whatever name of Python's is in a file, nothing outside the table is called", async () => {
  const files = (await readSeeds()).filter(({ name }) => few.includes(name)).map(opened);
  assertEquals(files.length, few.length);
  let refused = 0, loaded = 0;
  for (const [module, name] of globals) {
    const full = `${module}.${name}`;
    const known = allowedGlobals().has(full);
    const all = files.flatMap(({ program, withProgram }) =>
      placesOf(program).map((at) => withProgram(exchanged(program, at, module, name)))
    );
    for (const bytes of all) {
      let error: Error | undefined;
      const seen = await watching(async () => {
        try {
          const sd = await load(bytes);
          for (const entry of sd.values()) await entry.data();
        } catch (caught) {
          error = caught as Error;
        }
      });
      assertEquals([...seen.opened], [], full);
      for (const name of seen.called) assert(allowedGlobals().has(name), `${name} was called for ${full}`);
      if (error) refused++;
      else loaded++;
      if (known || isClass(module, name)) continue;
      assert(error, `${full} was not refused`);
      assert(error.message.startsWith("Cannot load the bytes: "), error.message);
    }
  }
  assert(refused > 1000 && loaded > 0, `${refused} refused, ${loaded} loaded`);
});

Deno.test("calls of every kind, of every name, call nothing outside the table", async () => {
  const files = (await readSeeds()).filter(({ name }) => /^model(_legacy)?\.pth$/.test(name)).map(opened);
  for (const [module, name] of globals) {
    for (const { program, withProgram } of files) {
      for (const call of [op.REDUCE, op.NEWOBJ, op.BUILD]) {
        for (const args of [plain(op.EMPTY_TUPLE), [text("echo thawed"), ...plain(op.TUPLE1)], plain(op.EMPTY_DICT)]) {
          const bytes = withProgram(
            program.toSpliced(-1, 0, global(module, name), ...args, ...plain(call, op.POP)),
          );
          const { opened, called } = await watching(() => load(bytes).then(() => {}, () => {}));
          assertEquals([...opened], [], name);
          for (const name of called) assert(allowedGlobals().has(name), name);
        }
      }
    }
  }
});

Deno.test("a name is in the table, the class of a network, whose objects are data, or refused", () => {
  const refused = new Set<string>();
  for (const [module, name] of globals) {
    try {
      const found = globalNamed(module, name);
      assert(found instanceof Global);
      if (allowedGlobals().get(`${module}.${name}`) === found) continue;
      assert(found.isClass && found.call === undefined, found.name);
      assertEquals(new PythonObject(found.name).state, undefined);
    } catch (error) {
      assert(error instanceof TypeError);
      refused.add(`${module}.${name}`);
    }
  }
  for (const name of ["os.system", "builtins.eval", "__builtin__.exec", "torch.load", "collections.deque", "."]) {
    assert(refused.has(name), name);
  }
});

function isClass(module: string, name: string): boolean {
  try {
    return globalNamed(module, name).isClass;
  } catch {
    return false;
  }
}
