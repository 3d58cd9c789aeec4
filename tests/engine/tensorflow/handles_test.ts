import { assertEquals, assertThrows } from "@std/assert";
import type { CApi } from "../../../lib/engine/tensorflow/capi.ts";
import { Handles } from "../../../lib/engine/tensorflow/handles.ts";

/** Handles, and what happened to their tensors. */
function handles(): { handles: Handles; events: string[] } {
  const events: string[] = [];
  const api = { TFE_DeleteTensorHandle: () => void events.push("freed") } as unknown as CApi;
  return { handles: new Handles(api), events };
}

const pointer = Deno.UnsafePointer.of(new Uint8Array(1));

Deno.test("a tensor has its number until it is freed", () => {
  const { handles: table, events } = handles();
  const id = table.keep(pointer);
  assertEquals([table.get(id, "read"), table.size], [pointer, 1]);
  table.delete(id);
  assertEquals([events, table.size], [["freed"], 0]);
  assertThrows(() => table.get(id, "read"), Error, `Cannot read tensor ${id}: `);
  assertThrows(() => table.delete(id), Error, `Cannot free tensor ${id}: `);
});

Deno.test("a deferred tensor is computed once, when it is asked for", () => {
  const { handles: table, events } = handles();
  const compute = () => {
    events.push("computed");
    return table.keep(pointer);
  };
  const id = table.defer(compute, () => events.push("forgotten"));
  assertEquals(table.size, 0);
  assertEquals([table.get(id, "read"), table.get(id, "read"), table.size], [pointer, pointer, 1]);
  assertEquals(events, ["computed", "forgotten"]);
  table.delete(id);
  assertEquals([events.at(-1), table.size], ["freed", 0]);
});

Deno.test("a deferred tensor that is freed is never computed", () => {
  const { handles: table, events } = handles();
  const id = table.defer(() => table.keep(pointer), () => events.push("forgotten"));
  table.delete(id);
  assertEquals(events, ["forgotten"]);
  assertThrows(() => table.get(id, "read"), Error, `Cannot read tensor ${id}: `);
});
