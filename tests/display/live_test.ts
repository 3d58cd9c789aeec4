import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { live, LiveDisplay, type Screen, type Spec } from "../../lib/display/mod.ts";
import { notebookScreen } from "../../lib/display/live_notebook.ts";
import { terminalScreen } from "../../lib/display/live_terminal.ts";
import { loadPictures } from "../../lib/display/pictures.ts";
import type { Jupyter } from "../../lib/display/kernel.ts";
import { FakeKernel, inFakeKernel } from "./fake_kernel.ts";

const words = (text: string): Spec => ({ kind: "text", text });
const progress = (fraction: number): Spec => ({ kind: "progress", label: "epoch", fraction });
const curve = (title: string): Spec => ({
  kind: "chart",
  title,
  panels: [{ yLabel: "loss", series: [{ name: "train", x: [1, 2], y: [2, 1] }] }],
});

/** A screen that keeps what was drawn on it. */
function fakeScreen(interval: number) {
  const drawn: string[] = [];
  let onDraw = () => {};
  const note = (spec: Spec) => {
    drawn.push((spec as { text: string }).text);
    onDraw();
  };
  const screen: Screen = { interval, draw: note, finish: (spec) => Promise.resolve(note(spec)) };
  return { screen, drawn, nextDrawing: () => new Promise<void>((resolve) => onDraw = resolve) };
}

Deno.test("updates that come too fast are left out, the last one never", async () => {
  const { screen, drawn } = fakeScreen(1e6);
  const display = new LiveDisplay(words("0"), screen);
  for (let i = 1; i <= 100; i++) display.update(words(String(i)));
  assertEquals(drawn, ["0"]);
  await display.end();
  assertEquals(drawn, ["0", "100"]);
});

Deno.test("an update too early is drawn when its time has come, in its newest state", async () => {
  const { screen, drawn, nextDrawing } = fakeScreen(20);
  const display = new LiveDisplay(words("0"), screen);
  const next = nextDrawing();
  display.update(words("1"));
  display.update(words("2"));
  await next;
  assertEquals(drawn, ["0", "2"]);
  await display.end(words("end"));
  assertEquals(drawn, ["0", "2", "end"]);
});

Deno.test("with time enough every update is drawn at once, without waiting", async () => {
  const { screen, drawn } = fakeScreen(0);
  const display = new LiveDisplay(words("0"), screen);
  display.update(words("1"));
  display.update(words("2"));
  assertEquals(drawn, ["0", "1", "2"]);
  await display.end();
});

Deno.test("after its end a display does not change", async () => {
  const { screen, drawn } = fakeScreen(0);
  const display = new LiveDisplay(words("0"), screen);
  await display.end(words("end"));
  display.update(words("late"));
  await display.end(words("later"));
  assertEquals(drawn, ["0", "end"]);
});

Deno.test("in a notebook each part is a display of its own, and only what changed is sent", async () => {
  const kernel = new FakeKernel();
  let flushed = 0;
  const screen = notebookScreen(kernel, () => Promise.resolve(void flushed++));
  screen.draw({ kind: "stack", items: [progress(0), words("below")] });
  screen.draw({ kind: "stack", items: [progress(0.5), words("below")] });
  await screen.finish({ kind: "stack", items: [progress(1)] });
  const [bar, below] = [kernel.messages[0].id, kernel.messages[1].id];
  assert(bar !== undefined && below !== undefined && bar !== below);
  assertEquals(kernel.messages.map(({ type, id }) => [type, id]), [
    ["display_data", bar],
    ["display_data", below],
    ["update_display_data", bar],
    ["update_display_data", bar],
    ["update_display_data", below], // emptied: the last state has one part less
  ]);
  assertEquals(kernel.messages[4].data, { "text/plain": "" });
  assertEquals(flushed, 1);
});

Deno.test("the end waits until the last part has been handed over, however long that takes", async () => {
  const order: string[] = [];
  const slow: Jupyter = {
    async broadcast(_type, content) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push((content.data as Record<string, string>)["text/plain"]);
    },
  };
  const screen = notebookScreen(slow, () => Promise.resolve(void order.push("flushed")));
  await screen.finish({ kind: "stack", items: [words("above"), words("below")] });
  assertEquals(order, ["above", "below", "flushed"]);
});

Deno.test("a live chart moves as a picture in HTML, which Lab's plotly would not, and ends as a figure", async () => {
  const kernel = new FakeKernel();
  const screen = notebookScreen(kernel, () => Promise.resolve());
  await loadPictures();
  screen.draw(curve("begin"));
  screen.draw(curve("middle"));
  screen.draw(curve("middle"));
  await screen.finish(curve("end"));
  const sent = kernel.messages.map(({ data }) => [(data["text/plain"] as string).split("\n")[0], Object.keys(data)]);
  assertEquals(sent, [
    ["begin", ["text/html", "text/plain"]],
    ["middle", ["text/html", "text/plain"]],
    ["end", ["application/vnd.plotly.v1+json", "image/png", "text/plain"]],
  ]);
  for (const { data } of kernel.messages.slice(0, 2)) {
    assertStringIncludes(data["text/html"] as string, "data:image/svg+xml;base64,");
  }
});

Deno.test("live() in a kernel broadcasts at once and at its end", async () => {
  await inFakeKernel(async (kernel) => {
    const display = live(progress(0));
    assertEquals(kernel.messages.length, 1);
    display.update(progress(0.5));
    await display.end(progress(1));
    assertEquals(kernel.messages.at(-1)?.data["text/plain"], "epoch  ████████████████████  100%");
  });
});

Deno.test("on a terminal progress is one line written over, cut to fit", async () => {
  let written = "";
  const write = (text: string) => void (written += text);
  const screen = terminalScreen({ interactive: true, columns: 16, write });
  screen.draw({ kind: "stack", items: [curve("a curve is no line"), progress(0)] });
  await screen.finish({ kind: "progress", label: "done", fraction: null });
  assertEquals(written, "\repoch  ░░░░░░░░\x1b[K\rdone\x1b[K\n");
});

Deno.test("elsewhere progress is a line where it changed, and nothing where there is none", async () => {
  let written = "";
  const terminal = { interactive: false, columns: Infinity, write: (text: string) => void (written += text) };
  const screen = terminalScreen(terminal);
  screen.draw({ kind: "progress", label: "one", fraction: null });
  screen.draw({ kind: "progress", label: "one", fraction: null });
  await screen.finish({ kind: "progress", label: "two", fraction: null });
  await terminalScreen(terminal).finish(curve("no progress"));
  assertEquals(written, "one\ntwo\n");
});
