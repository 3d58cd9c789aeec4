/**
 * Makes docs/displays: a page for each display, with its code and what that code shows, as a browser draws it.
 *
 *     deno run -A tools/displays.ts [PAGE…]
 *
 * With names of pages, such as `freeze-map`, only those. Needs Chromium on PATH, or its path in THAW_CHROMIUM; fetches
 * the first notebook's weights and images.
 *
 * @module
 */
import sharp from "sharp";
import { toHtml } from "thaw";
import { type Page, pages } from "./displays/pages.ts";

const root = new URL("../", import.meta.url);
const docs = new URL("docs/displays/", root);
const work = new URL("out/displays/", root);
/** How many bytes a picture may have, since a clone brings all of them along. */
const LARGEST = 60_000;

await Deno.mkdir(docs, { recursive: true });
await Deno.mkdir(work, { recursive: true });
for (const page of chosen(Deno.args)) {
  const html = await run(page);
  await Deno.writeFile(new URL(`${page.file}.png`, docs), await picture(page, html));
  await Deno.writeTextFile(new URL(`${page.file}.md`, docs), text(page));
  console.log(page.file);
}
await Deno.writeTextFile(new URL("README.md", docs), index());
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", docs.pathname], cwd: root }).output();

/** The pages with these names; all of them where there are none. */
function chosen(names: readonly string[]): readonly Page[] {
  const known = pages.map(({ file }) => file);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`Cannot draw pages: expected names of ${known.join(", ")}; found "${unknown}"`);
  }
  return names.length ? pages.filter(({ file }) => names.includes(file)) : pages;
}

/** Runs a page's code as it stands there, and gives the HTML of what it shows last. */
async function run({ file, code }: Page): Promise<string> {
  const module = new URL(`${file}.ts`, work);
  await Deno.writeTextFile(module, code.replace(/await show\((.*)\);\n$/s, "export default $1;\n"));
  const shown = (await import(module.href)).default;
  if (typeof shown.spec === "function") return toHtml(await shown.spec());
  // a network has no spec of its own: it is what a notebook gets
  return (await shown[Symbol.for("Jupyter.display")]())["text/html"];
}

async function picture({ file, open, width = 960, height = 1200 }: Page, html: string): Promise<Uint8Array> {
  const page = new URL(`${file}.html`, work);
  const shot = new URL(`${file}.png`, work);
  // a picture cannot be unfolded
  const unfolded = open ? html.replaceAll(/<details (?!open)/g, (tag, at) => at < open ? `${tag}open ` : tag) : html;
  const body = `<body style="margin:12px;background:#fff;color:#222;font-family:Inter,'DejaVu Sans',sans-serif">`;
  await Deno.writeTextFile(page, `<!doctype html><meta charset="utf-8">${body}${unfolded}`);
  const { success } = await new Deno.Command(Deno.env.get("THAW_CHROMIUM") ?? "chromium", {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      `--window-size=${width},${height}`,
      `--screenshot=${decodeURIComponent(shot.pathname)}`,
      page.href,
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error(`Cannot draw ${file}: Chromium failed; is it on PATH, or in THAW_CHROMIUM?`);
  const trimmed = sharp(await Deno.readFile(shot)).trim({ background: "#ffffff", threshold: 2, lineArt: true }); // hairlines count
  const framed = trimmed.extend({ top: 12, bottom: 12, left: 12, right: 12, background: "#ffffff" });
  const png = (colours: number) => framed.clone().png({ palette: true, quality: 90, effort: 10, colours }).toBuffer();
  const full = await png(256);
  // a long page of charts has few colours, and sixteen tell them apart
  return new Uint8Array(full.length < LARGEST ? full : await png(16));
}

function text({ file, title, words, code, alt }: Page): string {
  return `# ${title}\n\n${words}\n\n\`\`\`ts\n${code}\`\`\`\n\n![${alt}](${file}.png)\n\n[All displays](README.md)\n`;
}

function index(): string {
  const lines = pages.map(({ file, title, words }) =>
    `- [${title}](${file}.md): ${words.split(/(?<=\.)\s(?=[A-Z`])/)[0]}`
  );
  return `# Displays

Each of these shows itself as a cell's last value, and by \`await show(x)\` anywhere; \`String(x)\` is its text. Their
colours can be told apart with every form of colour blindness, on light pages and on dark ones. The pictures on these
pages are made by \`deno run -A tools/displays.ts\`, from the code that stands above them.

${lines.join("\n")}

\`await show(chart, { inline: true })\` carries plotly.js along, once in a notebook, for front ends that cannot draw
plotly's figures by themselves.
`;
}
