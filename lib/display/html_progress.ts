import { formatNumber } from "./format.ts";
import { bar, evenDigits } from "./html_parts.ts";
import { element, type Markup } from "./markup.ts";
import { ground, toneColors } from "./palette.ts";
import type { ProgressSpec } from "./spec.ts";
import { percent } from "./text_marks.ts";

/** A line with a bar: what is going on, how far it is, and how long it will take. */
export function progressHtml(spec: ProgressSpec): Markup {
  const color = toneColors[spec.tone && spec.tone !== "neutral" ? spec.tone : "accent"];
  const part = { "margin-right": "12px" };
  const quiet = (text: string) => element("span", { ...part, ...evenDigits, opacity: "0.75" }, {}, text);
  return element(
    "div",
    { "white-space": "nowrap", "overflow-x": "auto" },
    {},
    element("span", { ...part, "font-weight": "600" }, {}, spec.label),
    spec.fraction !== null && [
      element("span", part, {}, bar(spec.fraction, color, ground, "180px", 8)),
      quiet(percent(spec.fraction)),
    ],
    spec.detail && quiet(spec.detail),
    spec.timeLeft !== undefined && quiet(`${formatNumber(spec.timeLeft, "seconds")} left`),
  );
}
