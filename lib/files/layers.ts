import * as models from "../models/mod.ts";
import * as nn from "../nn/mod.ts";
import type { SavedModule } from "../weights/saved_module.ts";
import { describe } from "../weights/python.ts";
import { quoted } from "../weights/quoted.ts";

/**
 * Makes a layer of torch.nn from its attributes, by the constructor of its class here: so what cannot be is refused as it is
 * anywhere.
 */
// deno-lint-ignore no-explicit-any
type Maker = (type: any, attributes: Attributes, saved: SavedModule) => nn.Module;

/** Attributes as they are read: each is asked for by its kind. */
export class Attributes {
  constructor(readonly path: string, readonly type: string, readonly values: ReadonlyMap<string, unknown>) {}

  number(name: string): number {
    const value = this.values.get(name);
    return typeof value === "number" ? value : this.wrong(name, "a number", value);
  }

  flag(name: string, otherwise?: boolean): boolean {
    const value = this.values.get(name) ?? otherwise;
    return typeof value === "boolean" ? value : this.wrong(name, "True or False", value);
  }

  /** One number, or two for vertical and horizontal. */
  size(name: string): nn.Size2d {
    const value = this.values.get(name);
    if (typeof value === "number" || isPair(value)) return value;
    return this.wrong(name, "one or two numbers", value);
  }

  /** Refuses an attribute that only works here as torch has it unless told. */
  only(name: string, expected: unknown): void {
    const value = this.values.get(name);
    const one = Array.isArray(value) && value.every((item) => item === value[0]) ? value[0] : value;
    if (value !== undefined && one !== expected) this.wrong(name, describe(expected), value);
  }

  wrong(name: string, expected: string, found: unknown): never {
    throw new TypeError(
      `expected ${quoted(this.path)} (${this.type}) to have ${expected} as ${name}, found ${describe(found)}`,
    );
  }
}

const inplace: Maker = (type, attributes) => new type({ inplace: attributes.flag("inplace", false) });
const plain: Maker = (type) => new type();
const dropout: Maker = (type, attributes) =>
  new type(attributes.number("p"), { inplace: attributes.flag("inplace", false) });

/** Makes a convolution, given what is its class's own among the options. */
function convolution(
  ...[type, attributes, { parameters }, own]: [...Parameters<Maker>, own: { padding?: string | nn.Size2d }]
): nn.Module {
  attributes.only("padding_mode", "zeros");
  attributes.only("transposed", false);
  return new type(attributes.number("in_channels"), attributes.number("out_channels"), attributes.size("kernel_size"), {
    stride: attributes.size("stride"),
    dilation: attributes.size("dilation"),
    groups: attributes.number("groups"),
    bias: !!parameters.get("bias"),
    ...own,
  });
}

/** How each layer is made, by its class here. */
export const makers: ReadonlyMap<unknown, Maker> = new Map<unknown, Maker>([
  [nn.Conv2d, (type, attributes, saved) => {
    const padding = attributes.values.get("padding");
    return convolution(type, attributes, saved, {
      padding: typeof padding === "string" ? padding : attributes.size("padding"),
    });
  }],
  [models.Conv2dSame, (type, attributes, saved) => convolution(type, attributes, saved, {})], // it pads by its input
  [
    nn.Linear,
    (type, attributes, { parameters }) =>
      new type(attributes.number("in_features"), attributes.number("out_features"), { bias: !!parameters.get("bias") }),
  ],
  [nn.BatchNorm2d, (type, attributes) => {
    attributes.only("affine", true);
    attributes.only("track_running_stats", true);
    const momentum = attributes.values.get("momentum") === null ? null : attributes.number("momentum");
    return new type(attributes.number("num_features"), { eps: attributes.number("eps"), momentum });
  }],
  [nn.LayerNorm, (type, attributes, { parameters }) => {
    const shape = attributes.values.get("normalized_shape");
    if (!Array.isArray(shape)) return attributes.wrong("normalized_shape", "a tuple", shape);
    return new type([...shape], {
      eps: attributes.number("eps"),
      elementwiseAffine: !!parameters.get("weight"),
      bias: !!parameters.get("bias"),
    });
  }],
  [nn.MultiheadAttention, (type, attributes, { parameters }) => {
    if (!attributes.flag("batch_first", false)) attributes.wrong("batch_first", "True", false); // as it was before there was one
    attributes.only("add_zero_attn", false);
    attributes.only("bias_k", null);
    attributes.only("kdim", attributes.number("embed_dim"));
    return new type(attributes.number("embed_dim"), attributes.number("num_heads"), {
      dropout: attributes.number("dropout"),
      bias: !!parameters.get("in_proj_bias"),
    });
  }],
  [nn.MaxPool2d, (type, attributes) => {
    attributes.only("dilation", 1);
    attributes.only("return_indices", false);
    return new type(attributes.size("kernel_size"), {
      stride: attributes.size("stride"),
      padding: attributes.size("padding"),
      ceilMode: attributes.flag("ceil_mode", false),
    });
  }],
  [nn.AvgPool2d, (type, attributes) =>
    new type(attributes.size("kernel_size"), {
      stride: attributes.size("stride"),
      padding: attributes.size("padding"),
      ceilMode: attributes.flag("ceil_mode", false),
      countIncludePad: attributes.flag("count_include_pad", true),
      ...(attributes.values.get("divisor_override") == null
        ? {}
        : { divisorOverride: attributes.number("divisor_override") }),
    })],
  [nn.AdaptiveAvgPool2d, (type, attributes) => {
    const value = attributes.values.get("output_size");
    const sizes = Array.isArray(value) && value.length === 2 &&
      value.every((side) => side === null || typeof side === "number");
    if (typeof value === "number" || sizes) return new type(value);
    return attributes.wrong("output_size", "one or two sizes", value);
  }],
  [nn.Dropout, dropout],
  [nn.Dropout2d, dropout],
  [nn.AlphaDropout, dropout],
  [nn.ReLU, inplace],
  [nn.ReLU6, inplace],
  [nn.SELU, inplace],
  [nn.SiLU, inplace],
  [nn.Hardswish, inplace],
  [nn.Hardsigmoid, inplace],
  [
    nn.LeakyReLU,
    (type, attributes) => new type(attributes.number("negative_slope"), { inplace: attributes.flag("inplace", false) }),
  ],
  [nn.GELU, (type, attributes) => new type({ approximate: attributes.values.get("approximate") ?? "none" })],
  [nn.Flatten, (type, attributes) => {
    attributes.only("start_dim", 1);
    attributes.only("end_dim", -1);
    return new type();
  }],
  [nn.Sigmoid, plain],
  [nn.Tanh, plain],
  [nn.Identity, plain],
]);

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((item) => typeof item === "number");
}

/** What a table has for a class, or for the class that it extends. */
export function forClass<T>(table: ReadonlyMap<unknown, T>, type: unknown): T | undefined {
  return table.get(layerClass(table, type));
}

/** The class that a table knows: this one, or the nearest that it extends. */
export function layerClass(table: ReadonlyMap<unknown, unknown>, type: unknown): unknown {
  for (let one = type; typeof one === "function" && one !== nn.Module; one = Object.getPrototypeOf(one)) {
    if (table.has(one)) return one;
  }
  return undefined;
}
