import { assert, assertEquals, assertGreater, assertNotEquals, assertStringIncludes } from "@std/assert";
import { axisRange, wholeTicks } from "../../lib/display/chart_frame.ts";
import { loadPictures } from "../../lib/display/pictures.ts";
import type { ChartSpec, Panel } from "../../lib/display/mod.ts";
import { toPlotly } from "../../lib/display/mod.ts";
import { chart, nasty } from "./samples.ts";

const { DOMParser } = await import("linkedom");

Deno.test("a chart's SVG is well formed, self-contained and holds every word", async () => {
  const { svg, width, height } = (await loadPictures()).chart(chart);
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!;
  assertEquals([root.getAttribute("width"), root.getAttribute("height")], [String(width), String(height)]);
  assertEquals(root.querySelectorAll("script, style, foreignObject").length, 0);
  const words = [...root.querySelectorAll("text")].map((text) => text.textContent);
  for (const word of ["loss", "epoch", "train", "Rates", "rate", "best", `Run ${nasty}`]) {
    assert(words.includes(word), `${word} is missing in ${words}`);
  }
});

Deno.test("a series has its line, its band and its points", async () => {
  const { svg } = (await loadPictures()).chart(chart);
  assertEquals(svg.match(/aria-label="line"/g)?.length, 3);
  assertEquals(svg.match(/aria-label="area"/g)?.length, 1);
  // three points of the first, two of the one on the logarithmic axis, one for the mark; a dashed line shows none
  assertEquals(svg.match(/<circle/g)?.length, 6);
});

Deno.test("a PNG has its signature, the drawing's size, and something on it", async () => {
  const pictures = await loadPictures();
  const drawing = pictures.chart(chart);
  const png = pictures.png(drawing);
  assertEquals([...png.slice(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const header = new DataView(png.buffer, png.byteOffset);
  assertEquals([header.getUint32(16), header.getUint32(20)], [drawing.width, drawing.height]);
  const blank = pictures.png({ ...drawing, svg: drawing.svg.replace(/>.*</s, "><") });
  assertGreater(png.length, 2 * blank.length);
});

Deno.test("the font of the PNG writes words, arrows and other alphabets", async () => {
  const pictures = await loadPictures();
  const write = (text: string) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15">${text}</text></svg>`;
    return pictures.png({ svg, width: 40, height: 20 }).length;
  };
  const empty = write(""), missing = write("学");
  for (const text of ["loss", "→", "±", "β", "Ж"]) {
    assertGreater(write(text), empty);
    assert(write(text) !== missing, `${text} has no glyph`);
  }
});

Deno.test("a chart without a point is an empty frame", async () => {
  const pictures = await loadPictures();
  const spec: ChartSpec = { kind: "chart", panels: [{ yLabel: "loss", series: [{ name: "train", x: [], y: [] }] }] };
  assertStringIncludes(pictures.chart(spec).svg, ">loss</text>");
  assertGreater(pictures.png(pictures.chart(spec)).length, 100);
});

Deno.test("axes reach over all that is drawn and are never empty", () => {
  const panel: Panel = {
    series: [{ name: "a", x: [1, 2], y: [3, null], error: [1, 1] }],
    marks: [{ y: 7 }],
  };
  assertEquals(axisRange(panel, "x"), [1, 2]);
  assertEquals(axisRange(panel, "y"), [2, 7]);
  assertEquals(axisRange({ ...panel, yRange: [0, 1] }, "y"), [0, 1]);
  assertEquals(axisRange({ series: [{ name: "a", x: [3], y: [NaN] }] }, "x"), [2.5, 3.5]);
  assertEquals(axisRange({ series: [] }, "y"), [0, 1]);
  assertEquals(axisRange({ yScale: "log", series: [{ name: "a", x: [1, 2], y: [0, 4] }] }, "y"), [2, 8]);
});

Deno.test("epochs have whole ticks", () => {
  const over = (x: number[]): Panel => ({ series: [{ name: "a", x, y: x }] });
  assertEquals(wholeTicks(over([1, 2, 3])), [1, 2, 3]);
  assertEquals(wholeTicks(over([1, 12])), [2, 4, 6, 8, 10, 12]);
  assertEquals(wholeTicks(over([0, 1.5])), undefined);
});

Deno.test("a plotly figure has a trace a series, a panel a pair of axes, and no value that JSON lacks", () => {
  const figure = toPlotly(chart);
  assertEquals(JSON.parse(JSON.stringify(figure)), figure);
  const lines = figure.data.filter((trace) => trace.hoverinfo !== "skip");
  assertEquals(lines.map((trace) => [trace.type, trace.xaxis, trace.yaxis, trace.showlegend]), [
    ["scatter", "x", "y", true],
    ["scatter", "x", "y", true],
    ["scatter", "x2", "y2", false],
  ]);
  assertEquals(lines.map((trace) => trace.y), [[2, 1, 0.5], [2.5, null, null], [0.1, null, 0.001]]);
  const bounds = figure.data.filter((trace) => trace.hoverinfo === "skip").map((trace) => trace.y);
  assertEquals(bounds, [[1.8, 0.9, 0.4], [2.2, 1.1, 0.6]]);
  assertEquals((figure.layout.yaxis2 as { type: string }).type, "log");
  assertEquals((figure.layout.shapes as unknown[]).length, 2);
});

Deno.test("a series has one colour in the picture and in the figure", async () => {
  const { svg } = (await loadPictures()).chart(chart);
  const lines = toPlotly(chart).data.filter((trace) => trace.hoverinfo !== "skip");
  const colors = lines.map((trace) => (trace.line as { color: string }).color);
  assertEquals(colors[0], colors[2]);
  assert(colors[0] !== colors[1]);
  for (const color of colors) assertStringIncludes(svg, `stroke="${color}"`);
});

Deno.test("plotly is given names, not markup", () => {
  const { data, layout } = toPlotly(chart);
  assert(!JSON.stringify({ names: data.map((trace) => trace.name), layout }).includes("<script"));
});

Deno.test("in a figure a mark's label at a panel's edge goes to its inner side", () => {
  for (const [x, anchor] of [[1, "left"], [5, "center"], [9, "right"]] as const) {
    const series = [{ name: "loss", x: [1, 5, 9], y: [3, 2, 1] }];
    const figure = toPlotly({ kind: "chart", panels: [{ series, marks: [{ x, y: 2, label: "best" }] }] });
    const [mark] = (figure.layout.annotations as Record<string, unknown>[]).filter(({ text }) => text === "best");
    assertEquals(mark.xanchor, anchor);
  }
});

/** An accuracy for each of these stages. */
function byStage(names: readonly string[]): ChartSpec {
  const x = [...names.keys()];
  return {
    kind: "chart",
    panels: [{ xNames: names, yLabel: "accuracy", series: [{ name: "a", x, y: x.map(() => 0.5) }] }],
  };
}

/** The texts under a picture's x axis, whether each is turned, and where its tick is. */
async function ticks(spec: ChartSpec): Promise<{ text: string; turned: boolean; x: number }[]> {
  const { svg } = (await loadPictures()).chart(spec);
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!;
  const axis = root.querySelector('[aria-label="x-axis tick label"]')!;
  return [...axis.querySelectorAll("text")].map((text) => ({
    text: text.textContent!,
    turned: /rotate\(-28\)/.test(text.getAttribute("transform") ?? ""),
    x: Number(/translate\(([\d.]+)/.exec(text.getAttribute("transform") ?? "")?.[1]),
  }));
}

Deno.test("whole numbers with names are ticks with these names, each one and no other", async () => {
  const names = ["conv1", "layer1", nasty.slice(0, 12), "fc"];
  const found = await ticks(byStage(names));
  assertEquals(found.map(({ text, turned }) => ({ text, turned })), names.map((text) => ({ text, turned: false })));
  const { xaxis } = toPlotly(byStage(names)).layout as { xaxis: Record<string, unknown> };
  assertEquals([xaxis.tickmode, xaxis.tickvals], ["array", [0, 1, 2, 3]]);
  const escaped = names.map((name) => name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
  assertEquals(xaxis.ticktext, escaped);
  assertNotEquals(escaped, names);
});

Deno.test("names that would run into each other stand aslant, and long ones are cut short", async () => {
  const many = Array.from({ length: 9 }, (_, i) => `features.${i}`);
  const slanted = await ticks(byStage(many));
  assertEquals(slanted.map(({ text, turned }) => ({ text, turned })), many.map((text) => ({ text, turned: true })));
  const widest = await ticks(byStage(Array.from({ length: 20 }, () => "a.name.as.long.as.can.be")));
  assertGreater(widest[0].x, 14 * 6 * Math.cos(28 * Math.PI / 180) - 4); // or its first letters would be cut off
  assertEquals((await ticks(byStage(many.slice(0, 3)))).map(({ turned }) => turned), [false, false, false]);
  const long = ["a.very.long.path.to.a.stage", "b"];
  const found = await ticks(byStage(long));
  assertEquals([found[0].text.length, found[0].text.slice(0, 6), found[1].text], [14, "a.very", "b"]);
  const { xaxis } = toPlotly(byStage(long)).layout as { xaxis: Record<string, unknown> };
  assertEquals(xaxis.ticktext, long); // plotly makes room by itself
});

Deno.test("an axis of names has room for all of them, whichever have a value", () => {
  const panel: Panel = { xNames: ["a", "b", "c", "d"], series: [{ name: "s", x: [1], y: [0.3] }] };
  assertEquals(axisRange(panel, "x"), [-0.3, 3.3]);
  assertEquals(wholeTicks(panel), [0, 1, 2, 3]);
  assertEquals(wholeTicks({ ...panel, xNames: Array(30).fill("n") })?.length, 30); // no name is left out
});

Deno.test("errors are bars where the x axis has names, a band where it has numbers", async () => {
  const series = { name: "a", x: [0, 1, 2], y: [0.4, 0.5, 0.6], error: [0.1, 0.05, 0.02] };
  const chart = (xNames?: string[]): ChartSpec => ({ kind: "chart", panels: [{ xNames, series: [series] }] });
  const [named, numbered] = [chart(["a", "b", "c"]), chart()];
  const marks = async (spec: ChartSpec) => {
    const { svg } = (await loadPictures()).chart(spec);
    return { bars: svg.includes('aria-label="rule"'), band: svg.includes('aria-label="area"') };
  };
  assertEquals(await marks(named), { bars: true, band: false });
  assertEquals(await marks(numbered), { bars: false, band: true });
  const { data } = toPlotly(named);
  assertEquals([data.length, (data[0].error_y as { array: number[] }).array], [1, series.error]);
  assertEquals(toPlotly(numbered).data.length, 3);
});
