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

  async function send(i: number, data: Record<string, unknown>): Promise<void> {
    const sent = JSON.stringify(data);
    if (parts[i]?.sent === sent) return;
    const update = parts[i] !== undefined;
    parts[i] = { id: parts[i]?.id ?? crypto.randomUUID(), sent };
    await broadcast(kernel, data, parts[i].id, update);
  }

  /** Sends what has changed, in order; done when the last of it has been handed over. */
  async function sendAll(bundles: readonly Record<string, unknown>[]): Promise<void> {
    // a display cannot be taken away: parts that there are no more are emptied
    const gone = parts.slice(bundles.length).map(() => ({ "text/plain": "" }));
    await Promise.all([...bundles, ...gone].map((bundle, i) => send(i, bundle)));
  }

  return {
    interval: 250,
    draw(spec: Spec): void {
      if (containsChart(spec)) loadPictures().catch(() => {}); // finish() reports it
      void sendAll(flat(spec).map((item) => item.kind === "chart" ? movingChart(item) : bundleNow(item)));
    },
    async finish(spec: Spec): Promise<void> {
      const pictures = containsChart(spec) ? await loadPictures().catch(withoutPictures) : undefined;
      // large parts take longer than any pause, and would end up under the next cell
      await sendAll(flat(spec).map((item) => bundleNow(item, pictures)));
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
