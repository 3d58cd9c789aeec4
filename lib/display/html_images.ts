import { formatNumber, shortened } from "./format.ts";
import { bar, caption, title } from "./html_parts.ts";
import { base64, css, type Html, html } from "./html_tag.ts";
import { ground, line, toneColors } from "./palette.ts";
import type { ImageItem, ImagesSpec } from "./spec.ts";

const marks = { good: "✓ ", bad: "✗ ", neutral: "", accent: "", muted: "" } as const;

/** Pictures side by side, each with its caption and, for a prediction, a bar for each of its top classes. */
export function imagesHtml(spec: ImagesSpec): Html {
  const size = spec.size ?? 96;
  const row = css({ display: "flex", "flex-wrap": "wrap", gap: "14px", "align-items": "flex-start" });
  const items = spec.items.map((item) => itemHtml(item, size));
  return html`${title(spec.title)}<div style="${row}">${items}</div>${caption(spec.caption)}`;
}

function itemHtml(item: ImageItem, size: number): Html {
  const tone = item.tone ?? "neutral";
  const color = tone === "neutral" ? line : toneColors[tone];
  const width = item.bars ? Math.max(size, 132) : size;
  const picture = css({
    width: `${size}px`,
    height: "auto",
    "max-width": "100%",
    margin: "0",
    border: `2px solid ${color}`,
    "border-radius": "6px",
    "box-sizing": "border-box",
  });
  const name = item.caption ?? "";
  const letters = Math.floor(width / 7) * 2;
  const words = css({ "font-size": "12px", "line-height": "1.3", margin: "4px 0 2px 0", "overflow-wrap": "anywhere" });
  const mark = marks[tone] && html`<span style="${css({ color, "font-weight": "600" })}">${marks[tone]}</span>`;
  return html`
    <div
      style="${css({ display: "inline-block", width: `${width}px`, "vertical-align": "top" })}"><img src="${source(
        item.png,
      )}" alt="${name || "picture"}" title="${item.title ?? name}" style="${picture}">${(name || mark) &&
        html`<div style="${words}" title="${item.title ?? name}">${mark}${shortened(name, letters)}</div>`}${item.bars
        ?.map((one) => barHtml(one, width))}</div>
  `;
}

function barHtml(one: { label: string; value: number; tone?: ImageItem["tone"] }, width: number): Html {
  const color = toneColors[one.tone && one.tone !== "neutral" ? one.tone : "accent"];
  const row = css({ "font-size": "11px", "line-height": "1.3", "white-space": "nowrap", margin: "0 0 3px 0" });
  const value = css({ float: "right", "font-variant-numeric": "tabular-nums", opacity: "0.8" });
  return html`
    <div style="${row}"
      title="${one.label}: ${formatNumber(one.value, "percent")}"><span style="${value}">${formatNumber(
        one.value,
        "percent",
      )}</span>${shortened(one.label, Math.floor((width - 44) / 6))}<br>${bar(
        one.value,
        color,
        ground,
        "100%",
        4,
      )}</div>
  `;
}

function source(png: string | Uint8Array): string {
  return `data:image/png;base64,${typeof png === "string" ? png : base64(png)}`;
}
