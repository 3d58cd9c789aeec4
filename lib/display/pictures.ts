import { chartSvg, type Drawing } from "./chart_svg.ts";
import { loadPng } from "./png.ts";
import type { ChartSpec } from "./spec.ts";

/** Draws charts at once, its libraries loaded. */
export interface Pictures {
  chart(spec: ChartSpec): Drawing;
  png(drawing: Drawing): Uint8Array;
}

let loading: Promise<Pictures> | undefined;
let loaded: Pictures | undefined;

/** The libraries that draw charts, loaded at their first use (about 0.2 s) and not when thaw is imported. */
export function loadPictures(): Promise<Pictures> {
  return loading ??= load();
}

/** The libraries if they are loaded already: a display in the middle of a computation cannot wait for them. */
export function loadedPictures(): Pictures | undefined {
  return loaded;
}

async function load(): Promise<Pictures> {
  try {
    const [plot, { DOMParser }, png] = await Promise.all([import("@observablehq/plot"), import("linkedom"), loadPng()]);
    const document = new DOMParser().parseFromString("<!doctype html><html></html>", "text/html");
    return loaded = { chart: (spec) => chartSvg(spec, plot, document), png };
  } catch (error) {
    loading = undefined; // such as a broken download: the next chart tries again
    throw error;
  }
}
