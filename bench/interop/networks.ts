/** The networks whose files go both ways: one or two of each family, the small ones. */
export interface Network {
  name: string;
  /** The side of its pictures. */
  size: number;
  /** What its builder takes, by thaw's name and by torchvision's. */
  options?: Record<string, unknown>;
  torch?: Record<string, unknown>;
}

// Without: the truncated normals take torchvision half a minute.
const noInit = { options: { initWeights: false }, torch: { init_weights: false } };

export const networks: readonly Network[] = [
  { name: "alexnet", size: 64 },
  { name: "vgg11_bn", size: 64 },
  { name: "resnet18", size: 64 },
  { name: "resnext50_32x4d", size: 64 },
  { name: "squeezenet1_1", size: 64 },
  { name: "densenet121", size: 64 },
  { name: "googlenet", size: 64, ...noInit },
  { name: "inception_v3", size: 96, ...noInit },
  { name: "shufflenet_v2_x0_5", size: 64 },
  { name: "mobilenet_v2", size: 64 },
  { name: "mobilenet_v3_small", size: 64 },
  { name: "mnasnet0_5", size: 64 },
  { name: "efficientnet_b0", size: 64 },
  { name: "efficientnet_v2_s", size: 64 },
  { name: "regnet_y_400mf", size: 64 },
  { name: "convnext_tiny", size: 64 },
  { name: "vit_b_32", size: 64, options: { imageSize: 64 }, torch: { image_size: 64 } },
  { name: "swin_t", size: 64 },
  { name: "swin_v2_t", size: 64 },
  { name: "maxvit_t", size: 224 },
];
