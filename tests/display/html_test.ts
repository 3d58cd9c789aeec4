import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Spec, toHtml } from "../../lib/display/mod.ts";
import { nasty, pixel, specs } from "./samples.ts";

/** What JupyterLab's sanitizer, the strictest of those that show notebooks, lets through of what we use. */
const tags = new Set("div span details summary table colgroup col tbody tr th td img pre br".split(" "));
const properties = new Set(
  ("background border border-bottom border-collapse border-radius box-sizing color cursor display flex flex-wrap " +
    "align-items float font-family font-size font-weight gap height line-height margin margin-left margin-right " +
    "max-width min-width opacity overflow overflow-wrap overflow-x padding padding-left table-layout text-align " +
    "vertical-align white-space width").split(" "),
);

for (const spec of specs) {
  Deno.test(`HTML of ${spec.kind} is made of what untrusted notebooks leave in`, async () => {
    const page = await toHtml(spec);
    for (const [, tag] of page.matchAll(/<\/?([a-zA-Z0-9]+)/g)) assert(tags.has(tag), `unexpected <${tag}>`);
    for (const [, style] of page.matchAll(/style="([^"]*)"/g)) {
      for (const declaration of style.split(";")) {
        const name = declaration.split(":")[0];
        // stripped there, and then digits are less even: no harm
        if (name !== "font-variant-numeric") assert(properties.has(name), `unexpected style ${declaration}`);
      }
    }
  });

  Deno.test(`HTML of ${spec.kind} escapes every word and closes every tag`, async () => {
    const page = await toHtml(spec);
    assert(!page.includes("<script"), "a name became markup");
    assert(!page.includes('alert("'), "a quote got through");
    const open: string[] = [];
    for (const [, end, tag] of page.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*)?>/g)) {
      if (["img", "col", "br"].includes(tag)) continue;
      if (end) assertEquals(open.pop(), tag);
      else open.push(tag);
    }
    assertEquals(open, []);
  });
}

Deno.test("a picture is its base64, with an alternative text", async () => {
  const page = await toHtml({ kind: "images", items: [{ png: pixel, caption: "a pixel" }] });
  assertStringIncludes(page, `<img src="data:image/png;base64,${pixel}" alt="a pixel" title="a pixel"`);
});

Deno.test("a histogram is an SVG picture with an alternative text", async () => {
  const page = await toHtml({
    kind: "table",
    columns: [{ label: "values" }],
    rows: [[{ histogram: [0, 4, 8], range: [-1, 1.5] }]],
  });
  assertStringIncludes(page, `alt="values: histogram from -1 to 1.5"`);
  const svg = atob(page.match(/data:image\/svg\+xml;base64,([^"]+)"/)![1]);
  assertStringIncludes(svg, `d="M28 18v-9h27.5v9zM56 18v-17h27.5v17z"`);
});

Deno.test("a long name is shortened and whole in its tooltip", async () => {
  const name = "features.".repeat(10) + "weight";
  const page = await toHtml({ kind: "table", columns: [{ label: "name" }], rows: [[name]] });
  assertStringIncludes(page, `<span title="${name}">features.features.featur…eatures.features.weight</span>`);
});

Deno.test("groups fold, those asked for are open, and rows beyond them are not lost", async () => {
  const spec: Spec = {
    kind: "table",
    columns: [{ label: "name" }],
    rows: [["one"], ["two"], ["three"]],
    groups: [{ label: "first", rows: 1, open: true }, { label: "second", rows: 1 }],
  };
  const page = await toHtml(spec);
  assertEquals(page.match(/<details open[ >]/g)?.length, 1);
  assertEquals(page.match(/<details/g)?.length, 2);
  assertStringIncludes(page.slice(page.lastIndexOf("</details>")), "three");
});

Deno.test("a freeze map counts what is frozen and what trains", async () => {
  const page = await toHtml({
    kind: "blocks",
    blocks: [
      { name: "body", state: "frozen", parameters: 6000 },
      { name: "top", state: "partly", parameters: 3000, trainable: 1000 },
      { name: "fc", state: "trainable", parameters: 1000 },
    ],
  });
  assertStringIncludes(page, "frozen 8,000 (80.0%)");
  assertStringIncludes(page, "trainable 2,000 (20.0%)");
});

Deno.test("control characters, which XML forbids, are left out", async () => {
  assertStringIncludes(await toHtml({ kind: "text", text: `a\u0000b\u001bc${nasty}` }), ">abc&lt;script&gt;");
});
