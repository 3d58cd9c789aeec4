import type * as tf from "@tensorflow/tfjs";
import { jupyterDisplay } from "../display/mod.ts";
import type { StateDict } from "../weights/state_dict.ts";
import type { LoadReport } from "./load_report.ts";
import { IndexBuffer } from "./index_buffer.ts";
import { Buffer, Counter, Parameter, type Stored } from "./parameter.ts";
import type { PredictImages, PredictOptions } from "./predict.ts";
import type { Predictions } from "./predictions.ts";
import { moduleText } from "./print.ts";
import { runForward } from "./run.ts";
import type { Stage } from "./stage.ts";
import { loadStateDict, type LoadStateDictOptions, stateDict } from "./state.ts";
import { moduleTree } from "./tree.ts";
import type { Transforms } from "../data/types.ts";

/** A class of modules, as `model.get(path, nn.Conv2d)` takes one. */
// deno-lint-ignore no-explicit-any
export type ModuleClass<M extends Module> = abstract new (...args: any[]) => M;

/**
 * A part of a network, or all of it: torch.nn.Module.
 *
 * Parameters, buffers and submodules are ordinary properties, named as in torch: the path of names is the state dict's
 * key, so `layer1.0.conv1.weight` is reached as written. Replacing a part is an assignment.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * class TwoLayers extends nn.Module {
 *   hidden = new nn.Linear(4, 8);
 *   relu = new nn.ReLU();
 *   out = new nn.Linear(8, 2);
 *   override forward(x: tf.Tensor): tf.Tensor {
 *     return this.out.forward(this.relu.forward(this.hidden.forward(x)));
 *   }
 * }
 * const net = new TwoLayers();
 * net.out = new nn.Linear(net.out.inFeatures, 3);
 * console.log([...net.stateDict().keys()]); // [ "hidden.weight", "hidden.bias", "out.weight", "out.bias" ]
 * console.log(net.forward(tf.ones([1, 4])).shape); // [ 1, 3 ]
 * ```
 */
export abstract class Module {
  /** The version of what its class has in a state dict, as torch counts them. */
  static readonly stateVersion: number = 1;
  /** Whether dropout drops and batch norm uses its batch; set for a whole network by {@linkcode train} and `eval`. */
  training = true;
  /** Set by `freeze`: a frozen module behaves as in evaluation, whatever {@linkcode train} says. */
  frozen = false;
  /** Names of the classes that a classifier tells apart, in the order of its outputs. */
  classes?: readonly string[];
  /** What turns a picture into this network's input; networks with pretrained weights bring it along. */
  transforms?: Transforms;

  constructor() {
    // The subclass's forward is wrapped here, once, so that every call, also of a submodule from within its parent, is
    // tidied, can be observed, and names the module that failed.
    const forward = this.forward;
    const wrapped = (...inputs: [tf.Tensor]) => runForward(this, () => forward.apply(this, inputs), inputs);
    Object.defineProperty(this, "forward", { value: wrapped, writable: true, configurable: true, enumerable: false });
  }

  /** Computes the output; images and feature maps are `[N, H, W, C]`. */
  abstract forward(x: tf.Tensor): tf.Tensor;

  /** What the module's line says in brackets when a network is printed; torch's `extra_repr`. */
  extraRepr(): string {
    return "";
  }

  /**
   * The network's stages in the order in which they run. A module that knows nothing better gives its children, without a
   * way to run them one by one.
   */
  stages(): Stage[] {
    return this.namedChildren().map(([name]) => ({ name, modules: [name] }));
  }

  /** Whether this module is to behave as in training: it is in training mode and not frozen. */
  get isTraining(): boolean {
    return this.training && !this.frozen;
  }

  /** Pairs of name and direct submodule. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((pair): pair is [string, Module] => pair[1] instanceof Module);
  }

  /** The direct submodules. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** Pairs of dotted name and module: this one (named ""), then all below, parents first. One in two places has two names. */
  namedModules(): [string, Module][] {
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules().map(([path, module]): [string, Module] => [path ? `${name}.${path}` : name, module])
    );
    return [["", this], ...below];
  }

  /** This module and all below, parents first, each once. */
  modules(): Module[] {
    const found = new Set<Module>();
    const visit = (module: Module) => {
      found.add(module);
      module.children().forEach(visit);
    };
    visit(this); // and not by way of the paths: training walks over them in every step
    return [...found];
  }

  /** Pairs of dotted name and whatever has a state dict entry, in torch's order: parameters before buffers. */
  namedState(): [string, Stored][] {
    return this.namedModules().flatMap(([path, module]) => {
      const own = Object.entries(module);
      const parameters = own.filter(([, value]) => value instanceof Parameter);
      const buffers = own.filter(([, value]) => [Buffer, Counter, IndexBuffer].some((kind) => value instanceof kind));
      return [...parameters, ...buffers].map((
        [name, value],
      ): [string, Stored] => [path ? `${path}.${name}` : name, value]);
    });
  }

  /** Pairs of dotted name and parameter, each parameter once: one that two modules share must not be trained twice. */
  namedParameters(): [string, Parameter][] {
    const names = new Map<Parameter, string>();
    for (const [name, stored] of this.namedState()) {
      if (stored instanceof Parameter && !names.has(stored)) names.set(stored, name);
    }
    return Array.from(names, ([parameter, name]) => [name, parameter]);
  }

  /** All parameters. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Pairs of dotted name and buffer; batch norm's counter is one. */
  namedBuffers(): [string, Buffer | Counter | IndexBuffer][] {
    return this.namedState().filter((pair): pair is [string, Buffer | Counter | IndexBuffer] =>
      !(pair[1] instanceof Parameter)
    );
  }

  /** The module of this dotted name. */
  get(path: string): Module;
  /** The module of this dotted name, which must be of the given class. */
  get<M extends Module>(path: string, type: ModuleClass<M>): M;
  get(path: string, type: ModuleClass<Module> = Module): Module {
    const names = path === "" ? [] : path.split(".");
    const found = names.reduce((module: Module, name, depth) => {
      const children = module.namedChildren();
      const child = children.find(([known]) => known === name)?.[1];
      if (child) return child;
      const where = depth ? `"${names.slice(0, depth).join(".")}"` : module.constructor.name;
      const known = children.map(([known]) => known).join(", ") || "no submodules";
      throw new RangeError(`Cannot get "${path}": expected one of ${where}'s submodules (${known}), found "${name}"`);
    }, this);
    if (!(found instanceof type)) {
      const actual = (found as Module).constructor.name;
      throw new TypeError(`Cannot get "${path}": expected a ${type.name}, found a ${actual}`);
    }
    return found;
  }

  /** Calls `visit` with every module, children first, as torch's `apply`; returns this module. */
  apply(visit: (module: Module) => void): this {
    for (const child of new Set(this.children())) child.apply(visit);
    visit(this);
    return this;
  }

  /** Puts the whole network into training mode, or with `false` into evaluation mode. Frozen parts stay as frozen. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Puts the whole network into evaluation mode: dropout off, batch norm by its running statistics. */
  eval(): this {
    return this.train(false);
  }

  /** The network's state by torch's names and in torch's layouts, as it is now. */
  stateDict(): StateDict {
    return stateDict(this);
  }

  /**
   * Takes the values of a state dict. Strictly (the default), its names and shapes must be this network's, all of them;
   * otherwise what fits is taken. Returns a report, not the network; the network itself has changed.
   *
   * @throws {Error} listing everything that does not fit, before anything has been changed
   */
  loadStateDict(source: StateDict, options: LoadStateDictOptions = {}): LoadReport {
    return loadStateDict(this, source, options);
  }

  /**
   * The most likely classes of pictures, in evaluation mode.
   *
   * @param images paths, URLs, encoded files, decoded pictures, or a tensor `[N, H, W, C]` that is ready as it is
   */
  async predict(images: PredictImages, options: PredictOptions = {}): Promise<Predictions> {
    const { predict } = await import("./predict.ts"); // brings the image decoder along, which training need not wait for
    return predict(this, images, options);
  }

  /** Exactly what torch prints for this network. */
  toString(): string {
    return moduleText(this);
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Promise<Record<string, unknown>> {
    return jupyterDisplay(() => moduleTree(this));
  }
}
