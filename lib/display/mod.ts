/**
 * Displays: plain specs, and what shows them as text, HTML, a picture or a plotly figure.
 *
 * @module
 */
import { cureTraps } from "./traps.ts";

export { Displayable, jupyterDisplay } from "./displayable.ts";
export { formatNumber, shortened } from "./format.ts";
export { toHtml } from "./html.ts";
export { breathe, interrupted, onInterrupt } from "./interrupt.ts";
export { flush, inKernel } from "./kernel.ts";
export { live, LiveDisplay } from "./live.ts";
export type { Screen } from "./live.ts";
export { mimeBundle } from "./mime.ts";
export { toPlotly } from "./plotly.ts";
export type { PlotlyFigure } from "./plotly.ts";
export { show } from "./show.ts";
export type { ShowOptions } from "./show.ts";
export { isSpec } from "./spec.ts";
export type {
  BarCell,
  Block,
  BlocksSpec,
  Cell,
  ChartSpec,
  Column,
  FreezeState,
  HistogramCell,
  ImageItem,
  ImagesSpec,
  Mark,
  MatrixSpec,
  NumberFormat,
  Panel,
  ProgressSpec,
  Series,
  Spec,
  StackSpec,
  TableGroup,
  TableSpec,
  TextCell,
  TextSpec,
  Tone,
  TreeNode,
  TreeSpec,
} from "./spec.ts";
export { toText } from "./text.ts";
export type { TextOptions } from "./text.ts";

// whoever imports thaw in a notebook is to need no precautions in a cell
cureTraps();
