import { nn } from "thaw";

/** Options of {@linkcode smallCnn}, plain data. */
export interface SmallCnnOptions {
  /** How many classes it tells apart; 9, the emoji's. */
  classes?: number;
  /** Height and width of the images, in pixels, a multiple of 8; 24. */
  side?: number;
  /** The probability with which training drops a feature in front of the classifier; 0. */
  dropout?: number;
  /** Whether there is batch norm after each convolution; true. */
  batchNorm?: boolean;
}

/**
 * A network small enough to be trained from nothing many times, with more weights than a few hundred images can settle.
 * small_cnn.py makes the same in PyTorch, under the same names. A study makes it by
 * `{ module: "bench/ablations/small_cnn.ts", export: "smallCnn", options: { dropout: 0.5 } }`.
 *
 * Convolutions have a bias with batch norm too, where it is of no use, so that batch norm is all that differs.
 */
export function smallCnn(options: SmallCnnOptions = {}): nn.Sequential {
  const { classes = 9, side = 24, dropout = 0, batchNorm = true } = options;
  const channels = [3, 16, 32, 64];
  const layers: Record<string, nn.Module> = {};
  for (let i = 1; i < channels.length; i++) {
    layers[`conv${i}`] = new nn.Conv2d(channels[i - 1], channels[i], 3, { padding: 1 });
    layers[`norm${i}`] = batchNorm ? new nn.BatchNorm2d(channels[i]) : new nn.Identity();
    layers[`relu${i}`] = new nn.ReLU();
    layers[`pool${i}`] = new nn.MaxPool2d(2);
  }
  layers.flatten = new nn.Flatten();
  layers.dropout = new nn.Dropout(dropout);
  layers.fc = new nn.Linear(64 * (side / 8) ** 2, classes);
  return new nn.Sequential(layers);
}
