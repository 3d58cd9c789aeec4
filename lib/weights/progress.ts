import { formatNumber } from "../display/format.ts";
import { live, type LiveDisplay } from "../display/live.ts";
import type { ProgressSpec } from "../display/spec.ts";

/** How far a download is. */
export interface Progress {
  /** The file's name. */
  name: string;
  /** Bytes that are there, those of an earlier attempt included. */
  received: number;
  /** Bytes of the whole file, where the server says. */
  total?: number;
  /** Bytes a second, of this attempt. */
  rate: number;
  /** Whether it is over, well or not. */
  done: boolean;
}

/** Shows downloads: in a notebook as a bar under the cell, elsewhere as a line on stderr. */
export function progressDisplay(): (progress: Progress) => void {
  let display: LiveDisplay | undefined;
  return (progress) => {
    const spec = progressSpec(progress);
    if (display) display.update(spec);
    else display = live(spec);
    if (progress.done) void display.end(spec);
  };
}

/** A download as a spec that can be displayed. */
export function progressSpec({ name, received, total, rate, done }: Progress): ProgressSpec {
  const size = total === undefined
    ? formatNumber(received, "bytes")
    : `${formatNumber(received, "bytes")} of ${formatNumber(total, "bytes")}`;
  return {
    kind: "progress",
    label: name,
    fraction: total ? Math.min(1, received / total) : null,
    detail: rate > 0 ? `${size}, ${formatNumber(rate, "bytes")}/s` : size,
    ...(total && rate > 0 && !done ? { timeLeft: (total - received) / rate } : {}),
  };
}
