import type { FreezeState, Tone } from "./spec.ts";

/**
 * The colours of Okabe and Ito, which people with any form of colour blindness can tell apart; blue is a little lighter
 * than theirs, to be seen on black as well as on white.
 */
const blue = "#1b7fc4", vermillion = "#d55e00", green = "#009e73", orange = "#e69f00", purple = "#cc79a7";
const sky = "#56b4e9";

/** The grey that is readable on white and on black alike: what is drawn in a picture cannot know the page's theme. */
export const grey = "#808080";

/** Each tone's colour. */
export const toneColors: Record<Tone, string> = {
  neutral: grey,
  good: green,
  bad: vermillion,
  accent: blue,
  muted: grey,
};

/** The colour of words of a tone; undefined leaves them the page's own. */
export function textColor(tone: Tone = "neutral"): string | undefined {
  return tone === "neutral" ? undefined : toneColors[tone];
}

/** Ice for what is frozen, embers for what trains. */
export const stateColors: Record<FreezeState, string> = { frozen: sky, trainable: orange, partly: orange };

const lines = [blue, vermillion, green, purple, orange, sky];

/** The colour of a chart's n-th series. */
export function lineColor(index: number): string {
  return lines[index % lines.length];
}

/** A colour with transparency, as `rgba(…)`. */
export function faded(color: string, alpha: number): string {
  const [red, green, blue] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return `rgba(${red},${green},${blue},${alpha})`;
}

/** Grey strokes and grounds, light enough to leave the page its own colour. */
export const line = faded(grey, 0.3), hairline = faded(grey, 0.15), ground = faded(grey, 0.12);
