import type { SavedModule } from "../weights/saved_module.ts";

const now = {
  activated: "torchvision.ops.misc.Conv2dNormActivation",
  squeezeExcitation: "torchvision.ops.misc.SqueezeExcitation",
};

/** What classes were called in older versions of torch and torchvision: the same parts, by the same names. */
const renamed: Readonly<Record<string, string>> = {
  "torch.nn.modules.linear._LinearWithBias": "torch.nn.modules.linear.NonDynamicallyQuantizableLinear",
  "torchvision.models.mobilenet.ConvBNActivation": now.activated,
  "torchvision.models.mobilenet.ConvBNReLU": now.activated,
  "torchvision.models.mobilenet.InvertedResidual": "torchvision.models.mobilenetv2.InvertedResidual",
  "torchvision.models.mobilenet.MobileNetV2": "torchvision.models.mobilenetv2.MobileNetV2",
  "torchvision.models.mobilenetv2.ConvBNActivation": now.activated,
  "torchvision.models.mobilenetv2.ConvBNReLU": now.activated,
  "torchvision.models.mobilenetv3.SqueezeExcitation": now.squeezeExcitation,
  "torchvision.ops.misc.ConvNormActivation": now.activated,
};

/** What spreads a network over devices, and is nothing here. */
const wrappers = new Set([
  "torch.nn.parallel.data_parallel.DataParallel",
  "torch.nn.parallel.distributed.DistributedDataParallel",
]);

/**
 * A network as today's torch would save it: its classes under today's names, and what wraps it or a part of it for several devices
 * taken off. Its tensors are the same, in the same order; in their names `module.` goes where such a wrapper was.
 */
export function withoutHistory(saved: SavedModule): SavedModule {
  const made = new Map<SavedModule, SavedModule>();
  const today = (module: SavedModule): SavedModule => {
    const known = made.get(module);
    if (known) return known;
    const inner = wrappers.has(module.type) ? module.modules.get("module") : undefined;
    const result = inner ? today(inner) : {
      ...module,
      type: renamed[module.type] ?? module.type,
      modules: new Map([...parts(module)].map(([name, part]) => [name, part && today(part)])),
    };
    made.set(module, result);
    return result;
  };
  return today(saved);
}

/** The parts of a module; those of torchvision 0.9's SqueezeExcitation, which had some in its code, as they are now. */
function parts({ type, modules }: SavedModule): ReadonlyMap<string, SavedModule | null> {
  const [fc1, fc2, relu] = ["fc1", "fc2", "relu"].map((name) => modules.get(name));
  if (renamed[type] !== now.squeezeExcitation || !fc1 || !fc2 || !relu) return modules;
  return new Map([
    ["avgpool", layer("torch.nn.modules.pooling.AdaptiveAvgPool2d", { output_size: 1 })],
    ["fc1", fc1],
    ["fc2", fc2],
    ["activation", relu],
    ["scale_activation", layer("torch.nn.modules.activation.Hardsigmoid", { inplace: true })],
  ]);
}

function layer(type: string, attributes: Record<string, unknown>): SavedModule {
  const none = new Map();
  return {
    type,
    attributes: new Map(Object.entries({ ...attributes, training: false })),
    parameters: none,
    buffers: none,
    modules: none,
  };
}
