import type { TreeNode, TreeSpec } from "../display/mod.ts";
import type { Module } from "./module.ts";

/** A network as a foldable tree with its parameter counts. */
export function moduleTree(model: Module): TreeSpec {
  const root = node("", model);
  const trained = root.trainable === root.parameters ? "all" : (root.trainable ?? 0).toLocaleString("en");
  const total = (root.parameters ?? 0).toLocaleString("en");
  return { kind: "tree", root, caption: `${total} parameters, ${trained} trainable` };
}

function node(name: string, module: Module): TreeNode {
  const parameters = module.parameters();
  const sum = (list: typeof parameters) => list.reduce((total, { size }) => total + size, 0);
  return {
    name,
    type: module.constructor.name,
    detail: module.extraRepr(),
    parameters: sum(parameters),
    trainable: sum(parameters.filter(({ requiresGrad }) => requiresGrad)),
    frozen: module.frozen,
    training: module.training,
    children: module.namedChildren().map(([key, child]) => node(key, child)),
  };
}
