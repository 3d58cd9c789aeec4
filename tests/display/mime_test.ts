import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mimeBundle } from "../../lib/display/mod.ts";
import { chart, specs } from "./samples.ts";

for (const spec of specs) {
  Deno.test(`the bundle of ${spec.kind} has a text and is plain JSON`, async () => {
    const bundle = await mimeBundle(spec);
    assertEquals(typeof bundle["text/plain"], "string");
    assertEquals(JSON.parse(JSON.stringify(bundle)), bundle);
  });
}

Deno.test("a chart is a figure and a picture, and no HTML that a front end would prefer to both", async () => {
  const bundle = await mimeBundle(chart);
  assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert(atob(bundle["image/png"] as string).startsWith("\x89PNG"));
});

Deno.test("a stack is one HTML with its charts as pictures, and of one item that item", async () => {
  const bundle = await mimeBundle({ kind: "stack", items: [{ kind: "text", text: "above" }, chart] });
  assertEquals(Object.keys(bundle), ["text/html", "text/plain"]);
  assertStringIncludes(bundle["text/html"] as string, `<img src="data:image/svg+xml;base64,`);
  assertEquals(await mimeBundle({ kind: "stack", items: [chart] }), await mimeBundle(chart));
});

Deno.test("words alone are text, with a tone HTML", async () => {
  assertEquals(await mimeBundle({ kind: "text", text: "words" }), { "text/plain": "words" });
  assertEquals(Object.keys(await mimeBundle({ kind: "text", text: "words", tone: "bad" })), [
    "text/html",
    "text/plain",
  ]);
});

Deno.test("the text of a long table is cut, its HTML is not", async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [`name${i}`]);
  const bundle = await mimeBundle({ kind: "table", columns: [{ label: "name" }], rows });
  assert((bundle["text/plain"] as string).endsWith("name59\n… 940 more rows"));
  assertStringIncludes(bundle["text/html"] as string, "name999");
});
