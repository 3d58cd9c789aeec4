import type { ChartSpec, Spec } from "../../lib/display/mod.ts";

/** A name that would be markup if it were not escaped. */
export const nasty = `<script>alert("1")</script>&'<b>`;

/** A PNG of one pixel. */
export const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const chart: ChartSpec = {
  kind: "chart",
  title: `Run ${nasty}`,
  subtitle: nasty,
  panels: [
    {
      yLabel: "loss",
      xLabel: "epoch",
      series: [
        { name: "train", x: [1, 2, 3], y: [2, 1, 0.5], error: [0.2, 0.1, 0.1] },
        { name: nasty, x: [1, 2, 3], y: [2.5, null, NaN], dashed: true },
      ],
      marks: [{ x: 2, label: nasty }, { y: 1, label: "one" }, { x: 3, y: 0.5, label: "best", tone: "good" }],
    },
    {
      title: "Rates",
      yLabel: "rate",
      yScale: "log",
      series: [{ name: "train", x: [1, 2, 3], y: [0.1, 0, 0.001] }],
    },
  ],
};

/** One of each kind, with a nasty name in every place that takes words. */
export const specs: Spec[] = [
  { kind: "text", text: nasty },
  { kind: "text", text: nasty, tone: "bad", code: true },
  {
    kind: "table",
    title: nasty,
    caption: nasty,
    columns: [{ label: nasty, title: nasty }, { label: "numbers" }, { label: "more" }],
    rows: [
      [nasty, 1, { histogram: [1, 0, 5], range: [-1, 1] }],
      [{ text: nasty, title: nasty, tone: "good" }, NaN, { bar: 0.5, label: nasty }],
      [null, 3, null],
    ],
    groups: [{ label: nasty, rows: 2, detail: nasty }],
  },
  { kind: "matrix", title: nasty, labels: [nasty, "b"], counts: [[3, 1], [0, 2]], caption: nasty },
  {
    kind: "tree",
    title: nasty,
    caption: nasty,
    root: {
      name: "",
      type: "Net",
      parameters: 10,
      trainable: 4,
      children: [{
        name: nasty,
        type: nasty,
        detail: nasty,
        shape: nasty,
        parameters: 10,
        frozen: true,
        training: false,
      }],
    },
  },
  chart,
  {
    kind: "images",
    title: nasty,
    caption: nasty,
    items: [{ png: pixel, caption: nasty, title: nasty, tone: "bad", bars: [{ label: nasty, value: 0.25 }] }, {
      png: Uint8Array.from(atob(pixel), (letter) => letter.charCodeAt(0)),
    }],
  },
  {
    kind: "blocks",
    title: nasty,
    caption: nasty,
    blocks: [
      { name: nasty, type: nasty, state: "frozen", parameters: 5, detail: nasty },
      { name: "fc", state: "partly", parameters: 10, trainable: 5 },
    ],
  },
  { kind: "progress", label: nasty, fraction: 0.5, detail: nasty, timeLeft: 5 },
  { kind: "stack", items: [{ kind: "text", text: nasty, tone: "muted" }, chart] },
];
