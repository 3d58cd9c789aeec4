import { assertEquals } from "@std/assert";
import { printable, quoted } from "../../lib/weights/quoted.ts";

Deno.test("a name is shown in quotes, shortened, and without characters that do something", () => {
  assertEquals(quoted("layer1.0.conv1.weight"), '"layer1.0.conv1.weight"');
  assertEquals(quoted('a "b" \\ ünïcode'), '"a \\"b\\" \\\\ ünïcode"');
  assertEquals(quoted("x".repeat(300)), `"${"x".repeat(100)}…"`);
  assertEquals(quoted("\x1b[31m\0\n\x9b2J"), '"\\u001b[31m\\u0000\\n\\u009b2J"');
  assertEquals(quoted("\u202Etxt.exe\uFEFF\uD800"), '"\\u202etxt.exe\\ufeff\\ud800"');
  assertEquals(printable("Unexpected token\n\x1b[2J"), "Unexpected token\\u000a\\u001b[2J");
});
