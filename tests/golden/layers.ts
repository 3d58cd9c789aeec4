import { uniform, values } from "./values.ts";

/** A module as data: its class, its arguments and options as thaw takes them, or its children. */
export interface ModuleSpec {
  type: string;
  args?: unknown[];
  options?: Record<string, unknown>;
  children?: ModuleSpec[] | Record<string, ModuleSpec>;
}

/** One layer's figures: the input is `uniform("thaw/NAME.input")` over a range, in torch's order. */
export interface LayerCase extends ModuleSpec {
  name: string;
  text: string;
  input: { shape: number[]; low: number; high: number; whole: boolean };
  shape: number[];
  output: number[];
  gradients: Record<string, number[]>;
}

/** Batch norm over several batches in training, then one in evaluation. */
export interface BatchNormCase {
  name: string;
  options: Record<string, unknown>;
  shape: number[];
  batches: number;
  text: string;
  steps: (Record<"output" | "input" | "weight" | "bias" | "running_mean" | "running_var", number[]> & {
    num_batches_tracked: number;
  })[];
}

/** A loss and its gradient. */
export interface LossCase {
  name: string;
  shape: number[];
  low: number;
  high: number;
  labels: number[];
  loss: number;
  input: number[];
  text: string;
}

/** Parameters after each step of an optimizer. */
export interface OptimizerCase {
  name: string;
  type: string;
  options: Record<string, unknown>;
  groups: Record<string, unknown>[] | null;
  missing: [step: number, parameter: number] | null;
  shapes: number[][];
  after: number[][][];
}

/** What make_layer_golden.py writes. */
export interface LayerFigures {
  torch: string;
  layers: LayerCase[];
  batchNorms: BatchNormCase[];
  losses: LossCase[];
  optimizers: OptimizerCase[];
  /** The last is 0 where PyTorch refuses the geometry. */
  pooledSizes: [size: number, kernel: number, stride: number, padding: number, ceilMode: boolean, output: number][];
  texts: (ModuleSpec & { text: string })[];
}

/** PyTorch's figures for single layers, losses and optimizers. */
export const figures: LayerFigures = await read();

async function read(): Promise<LayerFigures> {
  const bytes = await Deno.readFile(new URL("./layers.json.gz", import.meta.url));
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(text).json();
}

/** The weights of a case in torch's layout: `between` and `weights` make what the generator made. */
export function weights(name: string, shape: readonly number[]): Float32Array {
  return values("thaw", name, shape);
}

/** Inputs, slopes and gradients of a case: numbers from `low` to below `high`, whole ones if asked. */
export function between(name: string, count: number, low: number, high: number, whole = false): Float32Array {
  return Float32Array.from(uniform(`thaw/${name}`, count), (u) => {
    const value = low + (high - low) * u;
    return whole ? Math.floor(value) : value;
  });
}
