/** A small network of one's own for the tests of batch norm: with it, without it, or with maps of a single value. */
import { nn } from "../../../mod.ts";

/** What {@linkcode network} is made with. */
export interface SmallOptions {
  norm?: boolean;
  /** Whether its pictures shrink to 1 × 1 before the last batch norm. */
  single?: boolean;
}

/** Two convolutions, each with a batch norm or without, and a head for three classes. */
export function network({ norm = true, single = false }: SmallOptions = {}): nn.Module {
  const behind = () => norm ? [new nn.BatchNorm2d(8)] : [];
  return new nn.Sequential(
    new nn.Sequential(new nn.Conv2d(3, 8, 3, { padding: 1, bias: !norm }), ...behind(), new nn.ReLU()),
    single ? new nn.AdaptiveAvgPool2d(1) : new nn.MaxPool2d(2),
    new nn.Sequential(new nn.Conv2d(8, 8, 3, { padding: 1, bias: !norm }), ...behind(), new nn.ReLU()),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(8, 3),
  );
}

/** Where {@linkcode network} is made from, in any process. */
export const source = (options: SmallOptions = {}) =>
  ({ module: import.meta.url, export: "network", options: { ...options } }) as const;
