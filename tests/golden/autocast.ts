/** PyTorch's figures in bfloat16 beside those in float32, and the networks that they are of; see make_autocast_golden.py. */
import { assert } from "@std/assert";
import * as models from "../../lib/models/mod.ts";
import { DropoutLayer, type Module } from "../../lib/nn/mod.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { values } from "./values.ts";

/** The same figures in both precisions. */
export interface Both<T> {
  float32: T;
  bfloat16: T;
}

/** What make_autocast_golden.py writes. */
export interface AutocastGolden {
  salt: string;
  size: number;
  classes: number;
  logits: Record<string, Both<number[][]>>;
  training: Record<string, Both<{ loss: number[]; grad_l2: Record<string, number> }>>;
}

const bytes = await Deno.readFile(new URL("autocast.json.gz", import.meta.url));
const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));

export const golden: AutocastGolden = await new Response(text).json();

/** A network of the figures, with its values; nothing in it is left to chance. */
export async function goldenNetwork(name: string): Promise<Module> {
  if (name === "efficientnet_lite0") return await models.efficientnet_lite0({ weights: "DEFAULT" });
  const { size, classes, salt } = golden;
  const tiny = { patchSize: 16, numLayers: 2, numHeads: 2, hiddenDim: 64, mlpDim: 128 };
  const model = name === "tiny_vit"
    ? new models.VisionTransformer(tiny, { imageSize: size, numClasses: classes })
    : models.get(name, { numClasses: classes });
  model.loadStateDict(StateDict.from(Object.fromEntries(
    model.namedState().map(([key, stored]) => {
      const { shape, dtype } = stored;
      const data = dtype === "int64" ? stored.entry().dataSync!() : values(salt, key, shape);
      return [key, { shape: [...shape], data }];
    }),
  )));
  for (const module of model.modules()) if (module instanceof DropoutLayer) (module as { p: number }).p = 0;
  return model;
}

/** Root of the mean square of the differences, as a share of that of the first. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const squares = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(squares(a.map((value, i) => value - b[i])) / squares(a));
}

/**
 * Fails unless figures in bfloat16 are as near to float32's as PyTorch's are, give or take: roundings differ, for torch fuses
 * other steps than thaw, and chance decides which of the two has the luck.
 */
export function assertAsNear(
  found: readonly number[],
  { float32, bfloat16 }: Both<readonly number[]>,
  what: string,
): void {
  const [own, torch] = [distance(float32, found), distance(float32, bfloat16)];
  assert(own > 0, `${what}: nothing was rounded`);
  assert(own <= 2 * torch + 1e-3, `${what}: ${own} from float32, where PyTorch's bfloat16 is ${torch}`);
}
