import type { Split } from "../../data/types.ts";
import { DropoutLayer, Linear, type Module } from "../../nn/mod.ts";
import { setDropout } from "../../surgery/mod.ts";
import { freeze, unfreeze } from "../../training/mod.ts";
import type { AblationPlan } from "../ablation/ablation_plan.ts";
import { expectation } from "../trials/study_options.ts";
import type { DropoutSettings } from "./dropout_options.ts";
import type { DropoutSetting } from "./dropout_setting.ts";

/** Which layers of a network drop. */
export interface DropoutPlace {
  /** Their dotted names. */
  layers: readonly string[];
  /** The layer before which one was put because the network has none of its own and none was asked for. */
  putBefore?: string;
  /** Those of them that are frozen, and so drop nothing. */
  frozen: readonly string[];
}

/**
 * What a dropout study is to try on a network: every size with every rate.
 *
 * @param scout a network that no trial trains; its dropout is changed
 * @throws {RangeError | TypeError} where there is no such layer or stage, or a size is not to be had
 */
export function planDropout(
  scout: Module,
  data: Split,
  { rates, sizes, where: asked, type, until, seeds, epochs }: DropoutSettings,
): { plan: AblationPlan<DropoutSetting>; place: DropoutPlace } {
  checkSizes(sizes, data);
  const bare = asked === undefined && dropoutLayers(scout).length === 0;
  const putBefore = bare ? lastLinear(scout) : undefined;
  if (bare && putBefore === undefined) {
    throw new TypeError(
      `Cannot study dropout of ${scout.constructor.name}: expected dropout layers, or an nn.Linear to put one before, found ` +
        'neither; say before which layer to put one: { where: "NAME" }',
    );
  }
  const where = asked ?? putBefore;
  const layers = meantLayers(scout, where, type);
  let frozen: string[] = [];
  if (until !== undefined) {
    freeze(scout, { until }); // throws where there is no such stage
    frozen = layers.filter((path) => scout.get(path).frozen);
    unfreeze(scout);
  }
  return {
    plan: {
      settings: (sizes ?? [undefined]).flatMap((size) => rates.map((rate) => ({ rate, size, where, type, until }))),
      seeds,
      epochs,
      labelOf,
    },
    place: { layers, frozen, ...(putBefore === undefined ? {} : { putBefore }) },
  };
}

/** What a rate is called. */
export function rateName(rate: number): string {
  return `p=${rate}`;
}

function labelOf({ rate, size }: DropoutSetting): string {
  return size === undefined ? rateName(rate) : `${rateName(rate)}, ${size} pictures`;
}

function checkSizes(sizes: readonly number[] | undefined, { train, classes }: Split): void {
  const outside = sizes?.find((size) => size < classes.length || size > train.length);
  const range = `from ${classes.length} (one of each class) to ${train.length} (all that there are to train with)`;
  expectation("study dropout")(outside === undefined, `sizes ${range}`, outside);
}

/** The dropout layers whose rate `setDropout` sets, those that it puts in among them. Throws where there is no such layer. */
function meantLayers(model: Module, where: DropoutSettings["where"], type: DropoutSettings["type"]): string[] {
  const [without, half] = [0, 0.5].map((rate) => {
    setDropout(model, rate, where, { type });
    return new Map(dropoutLayers(model));
  });
  return [...half].filter(([path, rate]) => without.get(path) !== rate).map(([path]) => path);
}

/** The dropout layers of a network, by type: pairs of dotted name and rate. */
function dropoutLayers(model: Module): [path: string, rate: number][] {
  return model.namedModules().flatMap(([path, module]) => module instanceof DropoutLayer ? [[path, module.p]] : []);
}

/** The last layer of all that is an `nn.Linear`: where dropout is of most use, and where most networks have it. */
function lastLinear(model: Module): string | undefined {
  return model.namedModules().filter(([, module]) => module instanceof Linear).map(([path]) => path).at(-1);
}
