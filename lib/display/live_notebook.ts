import { htmlNow } from "./html.ts";
import { broadcast, type Jupyter } from "./kernel.ts";
import type { Screen } from "./live.ts";
import { bundleNow } from "./mime.ts";
import { loadedPictures, loadPictures } from "./pictures.ts";
import { containsChart, flat, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

/**
 * A live display in a notebook: a display of its own for each part of a stack, of which only those that changed are
 * sent.
 *
 * While a chart changes it is a picture in HTML, drawn in 3 ms; in the end it is a plotly figure. JupyterLab's plotly
 * renderer draws a figure once and ignores its updates, so curves sent as figures would stand still.
 */
export function notebookScreen(kernel: Jupyter, flush: () => Promise<void>): Screen {
  const parts: { id: string; sent: string }[] = [];

  function send(i: number, data: Record<string, unknown>): void {
    const sent = JSON.stringify(data);
    if (parts[i]?.sent === sent) return;
    const update = parts[i] !== undefined;
    parts[i] = { id: parts[i]?.id ?? crypto.randomUUID(), sent };
    broadcast(kernel, data, parts[i].id, update);
  }

  function sendAll(bundles: readonly Record<string, unknown>[]): void {
    bundles.forEach((bundle, i) => send(i, bundle));
    // a display cannot be taken away: parts that there are no more are emptied
    for (let i = bundles.length; i < parts.length; i++) send(i, { "text/plain": "" });
  }

  return {
    interval: 250,
    draw(spec: Spec): void {
      if (containsChart(spec)) loadPictures().catch(() => {}); // finish() reports it
      sendAll(flat(spec).map((item) => item.kind === "chart" ? movingChart(item) : bundleNow(item)));
    },
    async finish(spec: Spec): Promise<void> {
      const pictures = containsChart(spec) ? await loadPictures().catch(withoutPictures) : undefined;
      sendAll(flat(spec).map((item) => bundleNow(item, pictures)));
      await flush();
    },
  };
}

function movingChart(spec: Spec): Record<string, unknown> {
  return { "text/html": htmlNow(spec, loadedPictures()), "text/plain": toText(spec) };
}

/** What went on while it was shown is worth more than its picture: that goes on without. */
function withoutPictures(error: unknown): undefined {
  console.warn(`Cannot draw the chart's picture, only its plotly figure is shown: ${error}`);
}
