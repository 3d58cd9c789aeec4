import * as nn from "../../nn/mod.ts";

/**
 * The stages of a chain of layers such as vgg's `features`: one for each layer with weights, named for it. To it belong what
 * follows it up to the next (normalization, activation, pooling) and the dropout in front of it, which is there for its
 * sake: `freeze(model, { until: "classifier.6" })` leaves that dropout on.
 *
 * They are read off the chain as it is now, so layers that were replaced, added or taken away make no difference. What is no
 * Sequential any more is one stage.
 *
 * @param path the chain's name in the network
 * @param begins whether a stage begins with this layer; with each that has weights, batch norms aside, unless given
 */
export function layerStages(
  model: nn.Module,
  path: string,
  begins: (layer: nn.Module, name: string) => boolean = hasWeights,
): nn.Stage[] {
  const chain = model.get(path);
  if (!(chain instanceof nn.Sequential)) return [nn.stage(model, path)];
  const groups: { name: string; modules: string[] }[] = [];
  let ahead: string[] = []; // of a layer that is still to come
  for (const [name, layer] of chain.namedChildren()) {
    const here = `${path}.${name}`;
    if (begins(layer, name)) {
      groups.push({ name: here, modules: [...ahead, here] });
      ahead = [];
    } else if (groups.length === 0 || ahead.length > 0 || layer instanceof nn.DropoutLayer) ahead.push(here);
    else groups.at(-1)!.modules.push(here);
  }
  if (groups.length === 0) return [nn.stage(model, path)];
  groups.at(-1)!.modules.push(...ahead);
  return groups.map(({ name, modules }) => nn.stage(model, name, modules));
}

function hasWeights(layer: nn.Module): boolean {
  return !(layer instanceof nn.BatchNorm2d) && layer.parameters().length > 0;
}
