import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { pages } from "../../tools/displays/pages.ts";

const docs = new URL("../../docs/displays/", import.meta.url);

Deno.test("each display's page has its code, its alt text and a small picture, and stands in the index", async () => {
  const index = await Deno.readTextFile(new URL("README.md", docs));
  for (const { file, title, code, alt } of pages) {
    const text = await Deno.readTextFile(new URL(`${file}.md`, docs));
    assertStringIncludes(text, code);
    assertStringIncludes(text, `![${alt}](${file}.png)`);
    assertStringIncludes(index, `[${title}](${file}.md)`);
    const picture = await Deno.readFile(new URL(`${file}.png`, docs));
    assertEquals([...picture.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
    assert(picture.length < 60_000, `${file}.png has ${picture.length} bytes`);
  }
});
