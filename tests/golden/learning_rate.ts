/** What make_learning_rate_golden.py writes. */
export interface LearningRateFigures {
  torch: string;
  salt: string;
  samples: number;
  size: number;
  classes: number;
  batch: number;
  tests: {
    optimizer: "sgd" | "adam";
    from: number;
    to: number;
    steps: number;
    weightDecay: number;
    made: number;
    rates: number[];
    losses: number[];
    smoothed: number[];
    valley: number;
    steep: number;
  }[];
  suggestions: { name: string; rates: number[]; losses: number[]; valley: number; steep: number }[];
}

/** The figures of PyTorch and of fastai's rules. */
export const figures: LearningRateFigures = await new Response(
  (await Deno.open(new URL("learning_rate.json.gz", import.meta.url))).readable
    .pipeThrough(new DecompressionStream("gzip")),
).json();
