/** The ops that thaw runs on a card, without oneDNN's: what kernels.json has. A test says which one is missing here. */
export const OPS: readonly string[] = (
  "Add AddN AddV2 ArgMax AssignVariableOp AvgPool AvgPoolGrad BatchMatMulV2 BiasAdd Cast ConcatV2 Conv2D " +
  "Conv2DBackpropFilter Conv2DBackpropInput DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter " +
  "DepthwiseConv2dNativeBackpropInput Elu Equal Erf Exp ExpandDims Fill FusedBatchNormGradV3 FusedBatchNormV3 GatherV2 " +
  "Greater GreaterEqual Identity LeakyRelu LeakyReluGrad Less LessEqual Log LogSoftmax LogicalAnd LogicalNot MatMul Max " +
  "MaxPool MaxPoolGrad Maximum Mean Min Minimum Mul Neg NotEqual OneHot OnesLike Pack Pad PadV2 Pow Prod RealDiv " +
  "ReadVariableOp Reciprocal Relu Relu6 Relu6Grad ReluGrad Reshape ResizeBilinear ResourceApplyAdam " +
  "ResourceApplyGradientDescent ResourceApplyMomentum ReverseV2 Rsqrt Select Selu SelectV2 Sigmoid SigmoidGrad Sign Slice " +
  "Softmax Softplus SparseSoftmaxCrossEntropyWithLogits SplitV Sqrt Square SquaredDifference StatelessRandomUniform " +
  "StridedSlice Sub Sum Tanh TanhGrad Tile TopKV2 Transpose Unpack UnsortedSegmentSum VarHandleOp ZerosLike"
).split(" ");
