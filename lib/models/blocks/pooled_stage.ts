import * as nn from "../../nn/mod.ts";

/** The stage that pools feature maps and lays them out in a row: the way into a classifier's fully connected layers. */
export function pooledStage(model: nn.Module & { avgpool: nn.Module }): nn.Stage {
  return {
    name: "avgpool",
    modules: ["avgpool"],
    forward: (x) => nn.functional.flatten(model.avgpool.forward(x)),
  };
}
