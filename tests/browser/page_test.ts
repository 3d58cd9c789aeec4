/** The page that `deno task tutorial` leaves, opened without a network. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runNotebook } from "../../tools/notebook/run.ts";
import { PROJECT } from "../../tools/setup/paths.ts";
import { writeNotebook } from "../tools/notebook/fixture.ts";
import { startBrowser } from "./browser.ts";

const CHART = `import { show } from "thaw";
const series = [{ name: "</script><b>loss", x: [1, 2, 3], y: [3, 2, 1.5] }];
await show({ kind: "chart", title: "a falling loss", panels: [{ series }] });
await show({ kind: "chart", title: "another", panels: [{ series }] });`;

Deno.test({
  name: "the page's figures are drawn and answer the pointer without a network; plotly.js is in it once",
  sanitizeOps: false, // the browser's pipes close when they do
  sanitizeResources: false,
  async fn() {
    const folder = join(PROJECT, "out", "browser", "page"); // below the project, where the kernel finds deno.json
    await Deno.mkdir(folder, { recursive: true });
    const html = join(folder, "page.html");
    const run = await runNotebook(await writeNotebook(folder, [CHART]), { out: join(folder, "out.ipynb"), html });
    assertEquals(run.error, undefined);
    assertEquals((await Deno.readTextFile(html)).split("plotly.js v").length - 1, 1);

    const browser = await startBrowser();
    try {
      const context = await browser.newContext({ offline: true });
      const page = await context.newPage();
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(pathToFileURL(html).href);
      await page.waitForSelector("#thaw-figure-2 .main-svg");
      assertEquals(await page.locator(".js-plotly-plot").count(), 2);
      assertEquals(asked.filter((url) => !/^(file|data|blob):/.test(url)), []);
      assertStringIncludes(await page.locator("#thaw-figure-1").textContent() ?? "", "a falling loss");

      const box = await page.locator("#thaw-figure-1 .nsewdrag").first().boundingBox();
      assert(box);
      await page.mouse.move(box.x + box.width / 2 - 3, box.y + box.height / 2);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.waitForSelector("#thaw-figure-1 .hoverlayer .legend, #thaw-figure-1 .hoverlayer .hovertext");
      await page.screenshot({ path: join(folder, "hover.png") });
    } finally {
      await browser.close();
    }
  },
});
