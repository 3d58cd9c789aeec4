import { assertEquals, assertRejects } from "@std/assert";
import { Displayable, jupyterDisplay, show, type Spec } from "../../lib/display/mod.ts";
import { inFakeKernel } from "./fake_kernel.ts";
import { chart } from "./samples.ts";

const display = Symbol.for("Jupyter.display");

/** What the kernel does with a cell's last value. */
function asLastValue(value: object): Promise<Record<string, unknown>> {
  return (value as Record<typeof display, () => Promise<Record<string, unknown>>>)[display]();
}

class Words extends Displayable {
  spec(): Spec {
    return { kind: "text", text: "words" };
  }
}

class Later extends Displayable {
  async spec(): Promise<Spec> {
    await Promise.resolve();
    return { kind: "text", text: "later" };
  }
}

Deno.test("a displayable is its text as a string and in console.log", () => {
  assertEquals(String(new Words()), "words");
  assertEquals(Deno.inspect({ inner: new Words() }), "{ inner: words }");
  assertEquals(String(new Later()), "Later (await show(it) to see it)");
});

Deno.test("outside a kernel the display method gives the bundle", async () => {
  assertEquals(await asLastValue(new Later()), { "text/plain": "later" });
});

Deno.test("in a kernel it sends the display itself and leaves nothing to send", async () => {
  await inFakeKernel(async (kernel) => {
    assertEquals(await asLastValue(new Words()), {});
    assertEquals(kernel.messages, [
      { type: "display_data", data: { "text/plain": "words" }, metadata: {}, id: undefined },
    ]);
  });
});

Deno.test("in a kernel each part of a stack is a display at its best", async () => {
  await inFakeKernel(async (kernel) => {
    const inner: Spec = { kind: "stack", items: [chart] };
    await jupyterDisplay(() => ({ kind: "stack", items: [{ kind: "text", text: "above" }, inner] }));
    assertEquals(kernel.messages.map(({ data }) => Object.keys(data)[0]), [
      "text/plain",
      "application/vnd.plotly.v1+json",
    ]);
    const { width, height } = kernel.messages[1].metadata["image/png"] as { width: number; height: number };
    assertEquals([width > 500, height > 200, Number.isInteger(width)], [true, true, true]);
  });
});

Deno.test("show shows specs, displayables, objects that display themselves, and values", async () => {
  await inFakeKernel(async (kernel) => {
    await show({ kind: "text", text: "a spec" });
    await show(new Later());
    await show({ [display]: () => ({ "text/markdown": "*own*" }) });
    await show({ [display]: () => Promise.resolve({}) });
    await show("a string");
    await show({ a: 1 });
    await show(undefined);
    assertEquals(kernel.messages.map(({ data }) => data), [
      { "text/plain": "a spec" },
      { "text/plain": "later" },
      { "text/markdown": "*own*" },
      { "text/plain": "a string" },
      { "text/plain": "{ a: 1 }" },
      { "text/plain": "undefined" },
    ]);
  });
});

Deno.test("an error in making the spec reaches the cell", async () => {
  await inFakeKernel(async (kernel) => {
    await assertRejects(
      () => jupyterDisplay(() => Promise.reject(new RangeError("no such layer"))),
      RangeError,
      "no such",
    );
    assertEquals(kernel.messages, []);
  });
});

Deno.test("outside a kernel show prints", async () => {
  const printed: unknown[] = [];
  const log = console.log;
  console.log = (...things) => void printed.push(...things);
  try {
    await show(new Words());
    await show([1]);
  } finally {
    console.log = log;
  }
  assertEquals(printed, ["words", [1]]);
});
