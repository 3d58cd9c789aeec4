import { formatNumber, shortened } from "./format.ts";
import { bar, caption, evenDigits, title } from "./html_parts.ts";
import { base64, type Child, element, type Markup } from "./markup.ts";
import { ground, line, toneColors } from "./palette.ts";
import type { ImageItem, ImagesSpec, Tone } from "./spec.ts";

const marks: Record<Tone, string> = { good: "✓ ", bad: "✗ ", neutral: "", accent: "", muted: "" };

/** Pictures side by side, each with its caption and, for a prediction, a bar for each of its top classes. */
export function imagesHtml(spec: ImagesSpec): Child {
  const row = { display: "flex", "flex-wrap": "wrap", gap: "14px", "align-items": "flex-start" };
  const items = spec.items.map((item) => itemHtml(item, spec.size ?? 96));
  return [title(spec.title), element("div", row, {}, items), caption(spec.caption)];
}

function itemHtml(item: ImageItem, size: number): Markup {
  const tone = item.tone ?? "neutral";
  const color = tone === "neutral" ? line : toneColors[tone];
  const width = item.bars ? Math.max(size, 132) : size;
  const name = item.caption ?? "";
  const tooltip = item.title ?? name;
  const picture = {
    width: `${size}px`,
    height: "auto",
    "max-width": "100%",
    margin: "0",
    border: `2px solid ${color}`,
    "border-radius": "6px",
    "box-sizing": "border-box",
  };
  const words = { "font-size": "12px", "line-height": "1.3", margin: "4px 0 2px 0", "overflow-wrap": "break-word" };
  return element(
    "div",
    { display: "inline-block", width: `${width}px`, "vertical-align": "top" },
    {},
    element("img", picture, { src: source(item.png), alt: name || "picture", title: tooltip }),
    element(
      "div",
      words,
      { title: tooltip },
      marks[tone] && element("span", { color, "font-weight": "600" }, {}, marks[tone]),
      shortened(name, 2 * Math.floor(width / 7)),
    ),
    item.bars?.map((one) => barHtml(one, width)),
  );
}

function barHtml(one: { label: string; value: number; tone?: Tone }, width: number): Markup {
  const color = toneColors[one.tone && one.tone !== "neutral" ? one.tone : "accent"];
  const value = formatNumber(one.value, "percent");
  return element(
    "div",
    { "font-size": "11px", "line-height": "1.3", "white-space": "nowrap", margin: "0 0 3px 0" },
    { title: `${one.label}: ${value}` },
    element("span", { float: "right", opacity: "0.8", ...evenDigits }, {}, value),
    shortened(one.label, Math.floor((width - 44) / 6)),
    element("br"),
    bar(one.value, color, ground, "100%", 4),
  );
}

function source(png: string | Uint8Array): string {
  return `data:image/png;base64,${typeof png === "string" ? png : base64(png)}`;
}
