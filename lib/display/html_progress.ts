import { formatNumber } from "./format.ts";
import { bar } from "./html_parts.ts";
import { css, type Html, html } from "./html_tag.ts";
import { ground, toneColors } from "./palette.ts";
import type { ProgressSpec } from "./spec.ts";

/** A line with a bar: what is going on, how far it is, and how long it will take. */
export function progressHtml(spec: ProgressSpec): Html {
  const tone = spec.tone ?? "accent";
  const color = toneColors[tone === "neutral" ? "accent" : tone];
  const part = css({ "margin-right": "12px" });
  const muted = css({ "margin-right": "12px", opacity: "0.75", "font-variant-numeric": "tabular-nums" });
  const known = spec.fraction;
  const percent = known === null ? undefined : `${Math.floor(100 * Math.min(1, Math.max(0, known)))}%`;
  return html`<div style="${css({ "white-space": "nowrap", "overflow-x": "auto" })}"><span style="${
    css({ "margin-right": "12px", "font-weight": "600" })
  }">${spec.label}</span>${
    known !== null &&
    html`<span style="${part}">${bar(known, color, ground, "180px", 8)}</span><span style="${muted}">${percent}</span>`
  }${spec.detail && html`<span style="${muted}">${spec.detail}</span>`}${
    spec.timeLeft !== undefined && html`<span style="${muted}">${formatNumber(spec.timeLeft, "seconds")} left</span>`
  }</div>`;
}
