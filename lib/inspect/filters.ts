import { encodePng } from "../data/image.ts";
import type { Picture } from "../data/types.ts";
import { Displayable, type ImagesSpec } from "../display/mod.ts";
import { Conv2d, expectModule, type Module } from "../nn/mod.ts";
import { enlarged } from "./heat.ts";

/** A convolution's filters as pictures; displays as a grid. */
export class Filters extends Displayable {
  constructor(
    /** The convolution's dotted name. */
    readonly module: string,
    /** A picture for each output channel, a pixel for each tap. */
    readonly pictures: readonly Picture[],
    private readonly most: number,
  ) {
    super();
  }

  override async spec(): Promise<ImagesSpec> {
    const shown = this.pictures.slice(0, this.most);
    const [{ width, height }] = this.pictures;
    const size = 48;
    const times = Math.max(1, Math.ceil(size / Math.max(width, height)));
    const items = await Promise.all(shown.map(async (picture, i) => ({
      png: await encodePng(enlarged(picture, times)),
      title: `${this.module}, filter ${i}`,
    })));
    return {
      kind: "images",
      title: `Filters of ${this.module}`,
      items,
      size,
      caption:
        `${shown.length} of ${this.pictures.length} filters of ${height}×${width} taps; each from its own least ` +
        "weight to its largest, red, green and blue as the input's channels",
    };
  }
}

/**
 * The filters of a network's first convolution as pictures: what it looks for in red, green and blue (or grey).
 *
 * @param model a network whose first convolution takes 1 or 3 channels
 * @throws {TypeError} where there is no such convolution
 *
 * @example
 * ```ts
 * import { filters, models } from "thaw";
 *
 * const first = await filters(models.resnet18());
 * console.log(first.module, first.pictures.length); // conv1 64
 * ```
 */
export async function filters(model: Module, { count = 64 }: { count?: number } = {}): Promise<Filters> {
  expectModule("show filters", model);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot show filters: expected count to be a whole number ≥ 1, found ${count}`);
  }
  const first = model.namedModules().find((pair): pair is [string, Conv2d] => pair[1] instanceof Conv2d);
  const [name, conv] = first ?? [];
  const channels = conv?.weight.shape[1] ?? 0;
  if (!conv || (channels !== 1 && channels !== 3)) {
    const found = conv ? `"${name}" with ${channels}` : "no convolution";
    throw new TypeError(
      `Cannot show filters of ${model.constructor.name}: expected a first convolution of 1 or 3 input channels, found ${found}`,
    );
  }
  const [out, , height, width] = conv.weight.shape;
  // the engine's layout is [kh, kw, in, out]
  const weights = await conv.weight.value.data() as Float32Array;
  const pictures = Array.from({ length: out }, (_, o): Picture => {
    const taps = Float32Array.from({ length: height * width * channels }, (_, i) => weights[i * out + o]);
    const low = taps.reduce((a, b) => Math.min(a, b));
    const span = taps.reduce((a, b) => Math.max(a, b)) - low || 1;
    const bytes = Array.from(taps, (tap) => Math.round(255 * (tap - low) / span));
    const data = Uint8Array.from(channels === 3 ? bytes : bytes.flatMap((grey) => [grey, grey, grey]));
    return { width, height, data };
  });
  return new Filters(name || model.constructor.name, pictures, count);
}
