/**
 * Which ops compute in bfloat16, as torch.autocast has it. An op that is not here takes float32: softmax, losses, sums and means,
 * exponentials and logarithms, the optimizers' steps, and whatever nobody has thought of.
 *
 * Each has a kernel for bfloat16 on NVIDIA's cards; `TF_GetRegisteredKernelsForOp` lists those, without a card too, and a test
 * asks it.
 */
export interface AutocastRule {
  /**
   * What decides between bfloat16 and float32. `"bfloat16"`: nothing does, the op is a product and faster so. `"inputs"`: it
   * takes what comes, and where both come float32, as torch's promotion has it. A number: the input of this position, and the
   * others follow it, as the slope of an activation follows what was saved.
   */
  readonly by: "bfloat16" | "inputs" | number;
  /** The attribute that names the element type; `T` unless given. */
  readonly attribute?: string;
  /** The positions of the inputs that have this type; all that are no integers unless given. */
  readonly inputs?: readonly number[];
  /** How many outputs have this type, from the first on; all unless given. */
  readonly outputs?: number;
  /** The position of the input that is a layer's weights: its copy in bfloat16 is kept as long as it lives. */
  readonly weights?: number;
  /**
   * Whether a float32 input of this shape beside a bfloat16 one of the other shape is but a bias or a factor, which takes the
   * other's type. Single numbers always are: they are rounded with it, where torch takes them as they are.
   */
  readonly isAside?: (shape: number[], other: number[]) => boolean;
}

/** A layer's bias. torch's layers add it within the product. */
const isBias = (shape: number[], other: number[]) => shape.length === 1 && other.length > 1;
/** One factor for all channels: the noise of stochastic depth, which torch makes in the type of what it is for. */
const isFactor = (shape: number[], other: number[]) => shape.at(-1) === 1 && other.at(-1)! > 1;

const product: AutocastRule = { by: "bfloat16", weights: 1 };
const filterGradient: AutocastRule = { by: "bfloat16" };
const followsInputs: AutocastRule = { by: "inputs" };
const adds: AutocastRule = { by: "inputs", isAside: isBias };

/** By the op's name, without what oneDNN puts in front of it. */
const RULES: ReadonlyMap<string, AutocastRule> = new Map([
  ...named("MatMul BatchMatMulV2 Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2", product),
  ...named("DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput", product),
  ...named("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter Conv3DBackpropFilterV2 Einsum", filterGradient),
  // Bias and side branch stay as exact as they come: they are added before the result is rounded.
  ...named("FusedConv2D FusedMatMul", { by: "bfloat16", inputs: [0, 1], weights: 1 }),

  ...named("Add AddV2", adds),
  ...named("Mul", { by: "inputs", isAside: isFactor }),
  ...named("Sub RealDiv AddN Maximum Minimum SquaredDifference", followsInputs),
  ...named("Neg Abs Sign Square Sqrt Floor Ceil Round Erf Sigmoid Tanh", followsInputs),
  ...named("Relu Relu6 LeakyRelu Elu Selu Swish", followsInputs),
  ...named("ReluGrad Relu6Grad LeakyReluGrad EluGrad", { by: 1 }),
  ...named("SigmoidGrad TanhGrad", { by: 0 }),

  ...named("FusedBatchNormV3", { by: 0, inputs: [0], outputs: 1 }),
  ...named("FusedBatchNormGradV3", { by: 1, inputs: [0, 1], outputs: 1 }),
  ...named("MaxPool", { by: 0, outputs: 1 }),
  ...named("AvgPool AvgPoolGrad", followsInputs),
  ...named("MaxPoolGrad", { by: 0, inputs: [0, 1, 2] }),

  ...named("Greater GreaterEqual Less LessEqual Equal NotEqual Select SelectV2 Max Min ArgMax ArgMin", followsInputs),
  ...named("Reshape ExpandDims Squeeze Transpose Slice StridedSlice Pad PadV2 MirrorPad", followsInputs),
  ...named("ConcatV2 Pack Unpack SplitV Tile BroadcastTo ReverseV2 Identity ZerosLike OnesLike", followsInputs),
  ...named("DepthToSpace SpaceToBatchND BatchToSpaceND", followsInputs),
  ...named("GatherV2 GatherNd", { by: 0, attribute: "Tparams", inputs: [0] }),
  ...named("Cast", { by: 0, attribute: "SrcT", inputs: [0], outputs: 0 }),
]);

/** The rule of an op; undefined where it takes float32. */
export function autocastRule(op: string): AutocastRule | undefined {
  return RULES.get(op.replace(/^_Mkl(Native)?/, ""));
}

/** The ops that have a rule, with the attribute that names their element type. */
export function autocastOps(): [op: string, attribute: string][] {
  return [...RULES].map(([op, { attribute = "T" }]) => [op, attribute]);
}

function named(ops: string, rule: AutocastRule): [string, AutocastRule][] {
  return ops.split(" ").map((op) => [op, rule]);
}
