import * as models from "../models/mod.ts";
import * as nn from "../nn/mod.ts";

// What the layers and the shared blocks are called in Python; each family of networks says it of its own.
nn.nameClasses("torch.nn.modules.activation", {
  GELU: nn.GELU,
  Hardsigmoid: nn.Hardsigmoid,
  Hardswish: nn.Hardswish,
  LeakyReLU: nn.LeakyReLU,
  MultiheadAttention: nn.MultiheadAttention,
  ReLU: nn.ReLU,
  ReLU6: nn.ReLU6,
  SELU: nn.SELU,
  SiLU: nn.SiLU,
  Sigmoid: nn.Sigmoid,
  Tanh: nn.Tanh,
});
nn.nameClasses("torch.nn.modules.batchnorm", { BatchNorm2d: nn.BatchNorm2d });
nn.nameClasses("torch.nn.modules.container", { ModuleList: nn.ModuleList, Sequential: nn.Sequential });
nn.nameClasses("torch.nn.modules.conv", { Conv2d: nn.Conv2d });
nn.nameClasses("torch.nn.modules.dropout", {
  AlphaDropout: nn.AlphaDropout,
  Dropout: nn.Dropout,
  Dropout2d: nn.Dropout2d,
});
nn.nameClasses("torch.nn.modules.flatten", { Flatten: nn.Flatten });
nn.nameClasses("torch.nn.modules.linear", {
  Identity: nn.Identity,
  Linear: nn.Linear,
  NonDynamicallyQuantizableLinear: nn.NonDynamicallyQuantizableLinear,
});
nn.nameClasses("torch.nn.modules.normalization", { LayerNorm: nn.LayerNorm });
nn.nameClasses("torch.nn.modules.pooling", {
  AdaptiveAvgPool2d: nn.AdaptiveAvgPool2d,
  AvgPool2d: nn.AvgPool2d,
  MaxPool2d: nn.MaxPool2d,
});
nn.nameClasses("torchvision.ops.misc", {
  Conv2dNormActivation: models.Conv2dNormActivation,
  MLP: models.MLP,
  Permute: models.Permute,
  SqueezeExcitation: models.SqueezeExcitation,
});
nn.nameClasses("torchvision.ops.stochastic_depth", { StochasticDepth: models.StochasticDepth });
