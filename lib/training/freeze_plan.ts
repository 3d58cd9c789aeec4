import { type BlocksSpec, Displayable, type FreezeState } from "../display/mod.ts";
import type { Module } from "../nn/mod.ts";

/** What of a stage is frozen. */
export interface StagePlan {
  name: string;
  state: FreezeState;
  /** How many parameters the stage has, and how many of them train. */
  parameters: number;
  trainable: number;
}

/** Which stages of a network are frozen and which train, as it was when the plan was made; displays as the freeze map. */
export class FreezePlan extends Displayable {
  /** The network's class. */
  readonly model: string;
  /** The stages in the order in which they run. */
  readonly stages: readonly StagePlan[];
  /** How many parameters the network has. */
  readonly parameters: number;
  /** How many of them train. */
  readonly trainable: number;
  /** How many frozen batch norm layers let their statistics move (`{ batchNorm: "train" }`). */
  readonly movingBatchNorms: number;

  constructor(model: Module) {
    super();
    this.model = model.constructor.name;
    const named = model.namedParameters();
    const all = new Map(model.namedModules());
    this.parameters = sum(named);
    this.trainable = sum(named.filter(([, { requiresGrad }]) => requiresGrad));
    let below = true; // whether all so far is frozen: what a stage without modules of its own goes by
    this.stages = model.stages().map(({ name, modules }) => {
      const own = named.filter(([path]) => modules.some((part) => path === part || path.startsWith(`${part}.`)));
      const parameters = sum(own);
      const trainable = sum(own.filter(([, { requiresGrad }]) => requiresGrad));
      const idle = modules.length > 0 ? modules.every((part) => all.get(part)?.frozen) : below;
      const frozen = parameters > 0 ? trainable === 0 : idle;
      below &&= frozen;
      const state = frozen ? "frozen" : trainable === parameters ? "trainable" : "partly";
      return { name, state, parameters, trainable };
    });
    this.movingBatchNorms =
      model.modules().filter((module) =>
        "running_mean" in module && !module.frozen && module.parameters().every(({ requiresGrad }) => !requiresGrad)
      ).length;
  }

  override spec(): BlocksSpec {
    const share = this.parameters ? (100 * this.trainable / this.parameters).toFixed(1) : "0";
    const moving = this.movingBatchNorms
      ? `; the statistics of ${this.movingBatchNorms} frozen batch norm layers move while training`
      : "";
    return {
      kind: "blocks",
      title: `What trains in ${this.model}`,
      blocks: this.stages,
      caption: `${this.trainable.toLocaleString("en")} of ${this.parameters.toLocaleString("en")} parameters train ` +
        `(${share} %)${moving}`,
    };
  }
}

function sum(named: readonly (readonly [string, { size: number }])[]): number {
  return named.reduce((total, [, { size }]) => total + size, 0);
}
