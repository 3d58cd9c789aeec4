import { assertEquals, assertThrows } from "@std/assert";
import { readFields, readNumbers, readText } from "../../../lib/engine/tensorflow/protobuf.ts";
import { field, message } from "./protobuf.ts";

Deno.test("fields come in order with their numbers", () => {
  const bytes = message(field(1, "name"), field(20, 300), field(2, message(field(3, 0))), field(1, ""));
  const found = [...readFields(bytes)];
  assertEquals(found.map(({ number }) => number), [1, 20, 2, 1]);
  assertEquals(readText(found[0].value), "name");
  assertEquals(found[1].value, 300);
  assertEquals([...readFields(found[2].value as Uint8Array)], [{ number: 3, value: 0 }]);
  assertEquals(readText(found[3].value), "");
});

Deno.test("numbers of fixed width are read", () => {
  const bytes = new Uint8Array(14);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1 << 3 | 1);
  view.setFloat64(1, Math.PI, true);
  view.setUint8(9, 2 << 3 | 5);
  view.setFloat32(10, 0.5, true);
  assertEquals([...readFields(bytes)], [{ number: 1, value: Math.PI }, { number: 2, value: 0.5 }]);
});

Deno.test("repeated numbers come one by one or packed", () => {
  assertEquals(readNumbers(7), [7]);
  assertEquals(readNumbers(Uint8Array.of(1, 0xac, 0x02, 14)), [1, 300, 14]);
});

Deno.test("what is cut off or no protocol buffer is refused", () => {
  const expected = "Cannot read a protocol buffer: expected ";
  assertThrows(() => [...readFields(field(1, "name").subarray(0, 4))], Error, `${expected}6 bytes, found 4`);
  assertThrows(
    () => [...readFields(Uint8Array.of(1 << 3 | 3))],
    Error,
    `${expected}a field at byte 1, found wire type 3`,
  );
});
