import { uniform } from "./values.ts";

/** What make_training_features_golden.py writes. */
export interface TrainingFeatures {
  torch: string;
  rate: number;
  steps: number;
  schedules: { schedule: string; options: Record<string, unknown>; rates: number[] }[];
  plateauLosses: number[];
  plateaus: { options: Record<string, number>; rates: number[] }[];
  momentum: number[];
  shapes: number[][];
  clips: { kind: "norm" | "value"; limit: number; norm: number | null; gradients: number[][] }[];
  labels: number[];
  losses: { options: { labelSmoothing?: number; weight?: number[] }; loss: number; gradient: number[] }[];
  optimizers: { type: string; options: Record<string, unknown>; after: number[][][] }[];
}

/** The figures of PyTorch. */
export const figures: TrainingFeatures = await new Response(
  (await Deno.open(new URL("training_features.json.gz", import.meta.url))).readable
    .pipeThrough(new DecompressionStream("gzip")),
).json();

/** `between` of the generator. */
export function between(name: string, shape: readonly number[], low: number, high: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from(uniform(name, count), (u) => low + (high - low) * u);
}
