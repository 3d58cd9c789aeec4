import * as tf from "@tensorflow/tfjs";
import { Displayable, formatNumber, type TreeNode, type TreeSpec } from "../display/mod.ts";
import { Conv2d, expectModule, inMode, type Module, onForward, Parameter } from "../nn/mod.ts";
import { shapeText } from "../nn/load_report.ts";

/** What one module does with an input of the summary's size; counts are of all that is in it. */
export interface ModuleSummary {
  /** Its dotted name; "" is the network. */
  name: string;
  /** Its class. */
  type: string;
  /** Its last output's shape; undefined where it did not run. */
  outputShape?: readonly number[];
  /** How often it ran. */
  calls: number;
  /** How many numbers its parameters have, and how many of those train. */
  parameters: number;
  trainable: number;
  /** Multiplications with an addition, all images together. */
  multiplyAdds: number;
  /** Whether it is in training mode. */
  training: boolean;
  /** Whether it is frozen. */
  frozen: boolean;
}

/** Memory in bytes, as torchinfo estimates it: four for each number. */
export interface MemoryEstimate {
  /** The input. */
  input: number;
  /** The outputs of modules with parameters, once forward and once backward. */
  activations: number;
  /** The parameters. */
  parameters: number;
  /** All of it. */
  total: number;
}

/** What each module of a network makes of an input; displays as a foldable tree, as text a table. */
export class Summary extends Displayable {
  /** How many numbers the network's parameters have, and how many of those train. */
  readonly parameters: number;
  readonly trainable: number;
  /** Multiplications with an addition, all images together. */
  readonly multiplyAdds: number;

  /**
   * @param modules parents before their children, the network first
   * @param inputShape `[N, H, W, C]`
   */
  constructor(
    readonly modules: readonly ModuleSummary[],
    readonly inputShape: readonly number[],
    readonly memory: MemoryEstimate,
  ) {
    super();
    ({ parameters: this.parameters, trainable: this.trainable, multiplyAdds: this.multiplyAdds } = modules[0]);
  }

  override spec(): TreeSpec {
    const bytes = (count: number) => formatNumber(count, "bytes");
    const { input, activations, parameters, total } = this.memory;
    const trains = this.trainable === this.parameters ? "all" : this.trainable.toLocaleString("en");
    return {
      kind: "tree",
      title: `${this.modules[0].type} on ${shapeText(this.inputShape)}`,
      root: this.#node(this.modules[0]),
      caption: `${this.parameters.toLocaleString("en")} parameters, ${trains} trainable; ` +
        `${formatNumber(this.multiplyAdds, "compact")} multiply-adds; memory about ${bytes(total)}: ` +
        `input ${bytes(input)}, forward and backward ${bytes(activations)}, parameters ${bytes(parameters)}`,
    };
  }

  #node(module: ModuleSummary): TreeNode {
    const prefix = module.name && `${module.name}.`;
    const children = this.modules.filter(({ name }) =>
      name !== "" && name.startsWith(prefix) && !name.slice(prefix.length).includes(".")
    );
    return {
      name: module.name.slice(module.name.lastIndexOf(".") + 1),
      type: module.type,
      shape: module.outputShape && shapeText(module.outputShape),
      parameters: module.parameters,
      trainable: module.trainable,
      multiplyAdds: module.multiplyAdds,
      training: module.training,
      frozen: module.frozen,
      children: children.map((child) => this.#node(child)),
    };
  }
}

/**
 * Each module's output shape, parameters, multiply-adds, mode and whether it trains, with totals and an estimate of
 * memory: torchinfo's figures. The network runs once, over zeros and in evaluation mode.
 *
 * @param inputSize `[N, H, W, C]`, or the side in pixels of one square picture
 * @throws {TypeError} where the first is no network, {RangeError} where the size cannot be
 *
 * @example
 * ```ts
 * import { models, summary } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const { parameters, multiplyAdds } = summary(models.resnet18(), 224);
 * assertEquals([parameters, multiplyAdds], [11689512, 1814083944]);
 * ```
 */
export function summary(model: Module, inputSize: number | readonly number[]): Summary {
  expectModule("summarize", model);
  const shape = typeof inputSize === "number" ? [1, inputSize, inputSize, 3] : inputSize;
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    const found = JSON.stringify(inputSize) ?? String(inputSize);
    throw new RangeError(`Cannot summarize: expected inputSize [N, H, W, C] or a number of pixels, found ${found}`);
  }
  const runs = observe(model, shape);
  const modules = model.namedModules().map(([name, module]): ModuleSummary => {
    const parameters = module.parameters();
    const below = module.modules();
    return {
      name,
      type: module.constructor.name,
      outputShape: runs.get(module)?.shape,
      calls: runs.get(module)?.calls ?? 0,
      parameters: count(parameters),
      trainable: count(parameters.filter(({ requiresGrad }) => requiresGrad)),
      multiplyAdds: below.reduce((sum, part) => sum + (runs.get(part)?.multiplyAdds ?? 0), 0),
      training: module.training,
      frozen: module.frozen,
    };
  });
  const input = 4 * product(shape);
  const activations = 2 * [...runs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const parameters = 4 * modules[0].parameters;
  return new Summary(modules, shape, { input, activations, parameters, total: input + activations + parameters });
}

interface Observed {
  shape: readonly number[];
  calls: number;
  multiplyAdds: number;
  bytes: number;
}

/** What ran, over zeros. Only shapes are looked at: an engine may put off computing what nobody asks the values of. */
function observe(model: Module, shape: number[]): Map<Module, Observed> {
  const runs = new Map<Module, Observed>();
  const removers = model.modules().map((module) =>
    onForward(module, (_module, _input, output) => {
      const known = runs.get(module);
      const own = module.children().length === 0 ? ownParameters(module) : 0;
      runs.set(module, {
        shape: output.shape,
        calls: (known?.calls ?? 0) + 1,
        multiplyAdds: (known?.multiplyAdds ?? 0) + own * positions(module, output.shape),
        bytes: (known?.bytes ?? 0) + (own ? 4 * output.size : 0),
      });
    })
  );
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(tf.zeros(shape))));
  } finally {
    removers.forEach((remove) => remove());
  }
  return runs;
}

/** How often a module uses each of its parameters: a convolution at each pixel, anything else once for each sample. */
function positions(module: Module, output: readonly number[]): number {
  return module instanceof Conv2d ? product(output.slice(0, -1)) : output[0];
}

function ownParameters(module: Module): number {
  return count(Object.values(module).filter((value) => value instanceof Parameter));
}

function count(parameters: readonly { size: number }[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
