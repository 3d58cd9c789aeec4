import { broadcast, type Jupyter } from "./kernel.ts";
import type { Screen } from "./live.ts";
import { bundleNow } from "./mime.ts";
import { loadedPictures, loadPictures } from "./pictures.ts";
import { containsChart, flat, type Spec } from "./spec.ts";

/** A display in the notebook that stands for one part of the live one. */
interface Part {
  id: string;
  sent: string;
  png?: unknown;
}

/** The share of the time that may go into a chart's PNG while it changes. */
const pictureShare = 0.05;

/**
 * A live display in a notebook: a display of its own for each part of a stack, so that a chart among them stays
 * interactive, and only parts that changed are sent.
 */
export function notebookScreen(kernel: Jupyter, flush: () => Promise<void>): Screen {
  const parts: Part[] = [];
  let pictureDue = 0;

  function send(i: number, data: Record<string, unknown>): void {
    const known = parts[i];
    const text = JSON.stringify(data);
    if (known?.sent === text) return;
    const part = parts[i] ??= { id: crypto.randomUUID(), sent: text };
    part.sent = text;
    part.png = data["image/png"];
    broadcast(kernel, data, part.id, known !== undefined);
  }

  /** Drawing a PNG takes some 30 ms: while curves move they keep their last one until the next is due. */
  function chartBundle(spec: Spec, part: Part | undefined): Record<string, unknown> {
    const pictures = loadedPictures();
    const begin = performance.now();
    if (pictures && begin >= pictureDue) {
      const data = bundleNow(spec, pictures);
      const end = performance.now();
      pictureDue = end + (end - begin) / pictureShare;
      return data;
    }
    const { "text/plain": text, ...figure } = bundleNow(spec);
    return { ...figure, ...(part?.png !== undefined && { "image/png": part.png }), "text/plain": text };
  }

  function clear(from: number): void {
    for (let i = from; i < parts.length; i++) send(i, { "text/plain": "" });
  }

  return {
    interval: 250,
    draw(spec: Spec): void {
      if (containsChart(spec)) loadPictures().catch(() => {}); // finish() reports it
      const items = flat(spec);
      items.forEach((item, i) => send(i, item.kind === "chart" ? chartBundle(item, parts[i]) : bundleNow(item)));
      clear(items.length);
    },
    async finish(spec: Spec): Promise<void> {
      const items = flat(spec);
      const pictures = containsChart(spec) ? await loadPictures().catch(withoutPictures) : undefined;
      items.forEach((item, i) => send(i, bundleNow(item, pictures)));
      clear(items.length);
      await flush();
    },
  };
}

/** What went on while it was shown is worth more than its picture: that goes on without. */
function withoutPictures(error: unknown): undefined {
  console.warn(`Cannot draw the chart's picture, only its plotly figure is shown: ${error}`);
}
