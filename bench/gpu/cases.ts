import type { EngineReport, Precision } from "thaw";

/** What computes on thaw's side. */
export interface FactsCase {
  kind: "facts";
}

/** What thaw's side tells of its engine. */
export type Facts = Pick<
  EngineReport,
  "backend" | "device" | "version" | "gpu" | "card" | "cuda" | "noCard" | "threads"
>;

/** One network's logits beside torchvision's. */
export interface ParityCase {
  kind: "parity";
  name: string;
  network: string;
  precision: Precision;
}

/** How far the worst logit is off, as a share of the largest one; null where another class is the most likely. */
export interface ParityResult {
  error: number | null;
  seconds: number;
}

/** One network forward, and its training step. */
export interface SpeedCase {
  kind: "speed";
  name: string;
  network: string;
  precision: Precision;
  batch: number;
  size: number;
  /** How long the passes of one round are to take, about. */
  seconds: number;
}

/** What one round measured, in seconds. */
export interface Measured {
  /** One pass of several in a row. */
  seconds: number;
  /** One pass alone, from its first op until its result was there. */
  latency: number;
  /** Of that, how long the program itself took: until all was asked for, computed or not. */
  dispatch: number;
  /** How many there were in a row. */
  passes: number;
  /** What one asks of TensorFlow, on thaw's side. */
  counts?: Counts;
}

/** What one pass asks of TensorFlow. */
export interface Counts {
  ops: number;
  /** The seconds that are not spent in them: JavaScript's own, tfjs's and thaw's. */
  betweenOps: number;
  /** Tensors that are read, and tensors that are made from values in the program: each may wait for all that is queued. */
  reads: number;
  uploads: number;
}

/** A split study. */
export interface StudyCase {
  kind: "study";
  name: string;
  images: number;
  size: number;
  splits: readonly string[];
  epochs: number;
}

/** What a split study took. */
export interface StudyResult {
  seconds: number;
  pictures: string;
  memoryBytes?: number;
  splits: { split: string; seconds: number; accuracy: number }[];
}

/** What is done in a process of its own: a card keeps the ways to compute that it found for a shape. */
export type Case = FactsCase | ParityCase | SpeedCase | StudyCase;

/** What is measured. */
export interface Plan {
  /** The exact one first. */
  precisions: readonly Precision[];
  /** The networks whose logits are compared. */
  golden: readonly string[];
  /** The networks that are timed. */
  networks: readonly string[];
  batches: readonly number[];
  /** Of the pictures, in pixels. */
  size: number;
  seconds: number;
  study: Pick<StudyCase, "images" | "size" | "splits" | "epochs">;
}

/** On a card. */
export const FULL: Plan = {
  precisions: ["float32", "tf32", "bfloat16"],
  golden: [
    "resnet18",
    "resnet50",
    "vgg11",
    "densenet121",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "efficientnet_b0",
    "convnext_tiny",
    "vit_b_16",
    "swin_t",
  ],
  networks: ["resnet50", "resnet18", "efficientnet_lite0", "vit_b_16"],
  batches: [128, 32],
  size: 224,
  seconds: 0.5,
  study: {
    images: 500,
    size: 128,
    splits: ["classifier", "features.8", "features.6", "features.5", "features.4", "features.0"],
    epochs: 5,
  },
};

/** On the processor: everything once, as small as it may be, to see that it works before there is a card. */
export const REHEARSAL: Plan = {
  precisions: ["float32", "bfloat16"], // TF32 is a card's
  golden: ["resnet18", "mobilenet_v3_small"],
  networks: ["resnet18", "efficientnet_lite0"],
  batches: [2],
  size: 64,
  seconds: 0.2,
  study: { images: 90, size: 64, splits: ["classifier", "features.8"], epochs: 2 },
};

/** The cases of a plan, what matters most first: time may be over before the last one. */
export function casesOf(plan: Plan): Exclude<Case, FactsCase>[] {
  const { precisions, size, seconds } = plan;
  const speed = (batch: number) =>
    plan.networks.flatMap((network) =>
      precisions.map((precision): SpeedCase => {
        const name = `speed ${network} ${batch} × ${size} ${precision}`;
        return { kind: "speed", name, network, precision, batch, size, seconds };
      })
    );
  const parity = (precision: Precision) =>
    plan.golden.map((network): ParityCase => {
      return { kind: "parity", name: `parity ${network} ${precision}`, network, precision };
    });
  const [[exact, ...rough], [first, ...others]] = [precisions, plan.batches];
  return [
    ...parity(exact),
    ...speed(first),
    { kind: "study", name: `study ${plan.study.images} × ${plan.study.size}`, ...plan.study },
    ...others.flatMap(speed),
    ...rough.flatMap(parity),
  ];
}
