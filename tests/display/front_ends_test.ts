/** What front ends that are not at hand here would show: of a bundle's forms each takes the first in its own order. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mimeBundle, type Spec } from "../../lib/display/mod.ts";
import { chart, specs } from "./samples.ts";

/** VS Code's `NOTEBOOK_DISPLAY_ORDER`, and the one that it has for screen readers. */
const VS_CODE = [
  ...["application/json", "application/javascript", "text/html", "image/svg+xml", "text/latex", "text/markdown"],
  ...["image/png", "image/jpeg", "text/plain"],
];
const VS_CODE_ACCESSIBLE = [
  ...["text/latex", "text/markdown", "application/json", "text/html", "image/svg+xml", "image/png", "image/jpeg"],
  "text/plain",
];

/** What that list does not have comes before it where an extension renders it, as Jupyter's renderers do plotly's. */
const VS_CODE_WITH_PLOTLY = ["application/vnd.plotly.v1+json", ...VS_CODE];

/** GitHub says of no order; its notebooks are rendered as nbconvert does for HTML, without scripts. */
const GITHUB = ["text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain"];

const ORDERS = { "VS Code": VS_CODE, "VS Code for a screen reader": VS_CODE_ACCESSIBLE, GitHub: GITHUB };

function chosen(bundle: Record<string, unknown>, order: readonly string[]): string {
  return order.find((type) => type in bundle)!;
}

for (const [name, order] of Object.entries(ORDERS)) {
  Deno.test(`${name} shows a chart as its picture, and everything else as HTML or text`, async () => {
    assertEquals(chosen(await mimeBundle(chart), order), "image/png");
    for (const spec of specs.filter((spec) => spec.kind !== "chart")) {
      const words = spec.kind === "text" && (spec.tone ?? "neutral") === "neutral";
      assertEquals(chosen(await mimeBundle(spec), order), words ? "text/plain" : "text/html", spec.kind);
    }
  });
}

Deno.test("VS Code with a renderer of plotly's figures draws a chart as a figure", async () => {
  const bundle = await mimeBundle(chart);
  assertEquals(chosen(bundle, VS_CODE_WITH_PLOTLY), "application/vnd.plotly.v1+json");
  const { data, layout } = bundle["application/vnd.plotly.v1+json"] as { data: unknown[]; layout: unknown };
  assert(data.length > 0 && layout !== undefined);
});

Deno.test("the HTML needs nothing that a front end takes out: no script, no style element, no SVG, no handler", async () => {
  for (const spec of specs.filter((spec: Spec) => spec.kind !== "chart")) {
    const html = (await mimeBundle(spec))["text/html"] as string | undefined;
    for (const pattern of [/<script/i, /<style/i, /<svg/i, /<link/i, /<iframe/i, /<[^>]* on[a-z]+=["']/i]) {
      assert(!pattern.test(html ?? ""), `expected no ${pattern} in the HTML of ${spec.kind}, found ${html}`);
    }
  }
});

Deno.test("the HTML fetches nothing: its pictures are within it", async () => {
  const html = (await mimeBundle({ kind: "stack", items: [{ kind: "text", text: "above" }, chart] }))["text/html"];
  const sources = [...(html as string).matchAll(/<img[^>]* src="([^"]*)"/g)].map(([, source]) => source);
  assert(sources.length > 0);
  for (const source of sources) assertStringIncludes(source.slice(0, 11), "data:image/");
});
