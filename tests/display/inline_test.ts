import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { show } from "../../lib/display/mod.ts";
import { inFakeKernel } from "./fake_kernel.ts";
import { chart, nasty } from "./samples.ts";

const library = "window.Plotly = Plotly;";

Deno.test("inline figures bring plotly.js once, and their pictures to start with", async () => {
  await inFakeKernel(async ({ messages }) => {
    await show(chart, { inline: true });
    await show({ kind: "stack", items: [{ kind: "text", text: "words" }, chart] }, { inline: true });
    assertEquals(messages.map(({ data }) => Object.keys(data)), [
      ["text/html", "text/plain"],
      ["text/plain"],
      ["text/html", "text/plain"],
    ]);
    const [first, , second] = messages.map(({ data }) => String(data["text/html"]));
    assertStringIncludes(first, library);
    assert(!second.includes(library) && second.length < 200_000);
    assertEquals(first.match(/<\/script>/g)?.length, 2);
    assertEquals(second.match(/<\/script>/g)?.length, 1);
    for (const page of [first, second]) assertStringIncludes(page, "data:image/svg+xml;base64,");
  });
});

Deno.test("a plotly figure of one's own is shown by the renderer, or inline", async () => {
  const figure = { data: [{ x: [1, 2], y: [3, 1], name: `</script>${nasty}` }], layout: { title: { text: "mine" } } };
  await inFakeKernel(async ({ messages }) => {
    await show(figure);
    await show(figure, { inline: true });
    assertEquals(messages[0].data, { "application/vnd.plotly.v1+json": figure, "text/plain": "a plotly figure" });
    const page = String(messages[1].data["text/html"]);
    const drawing = page.slice(page.lastIndexOf("<script>"));
    assertEquals(drawing.match(/<\/script>/g)?.length, 1);
    assertStringIncludes(drawing, '"title":{"text":"mine"}');
  });
});

Deno.test("what is no figure is shown inline as it is otherwise", async () => {
  await inFakeKernel(async ({ messages }) => {
    await show([1, 2], { inline: true });
    await show({ kind: "text", text: "words" }, { inline: true });
    assertEquals(messages.map(({ data }) => data), [{ "text/plain": "[ 1, 2 ]" }, { "text/plain": "words" }]);
  });
});
