import type { Deferred } from "./deferred.ts";
import { bool, FLOAT, float, INT32, ints, ONEDNN, type OpAttribute, type OpRunner, string, type } from "./op.ts";

/** Computes what has waited, by oneDNN's fused op where more than the first step has come together. */
export function runFused({ binding }: OpRunner, deferred: Deferred): number {
  const { op, attributes, shape, x, filter, bias, side, activation } = deferred;
  const result = bias === undefined ? plain() : fused([bias, ...(side === undefined ? [] : [side])]);
  if (op === "Conv2D" || shape.length === 2) return result;
  const wanted = binding.createTensor([shape.length], INT32, Int32Array.from(shape));
  const reshaped = binding.executeOp("Reshape", [type("T"), type("Tshape", INT32)], [result, wanted], 1)[0].id;
  for (const id of [result, wanted]) binding.deleteTensor(id);
  return reshaped;

  function plain(): number {
    // TensorFlow's own product takes five times as long for few rows, its own convolution three times for many groups.
    const name = op === "MatMul" ? "_MklMatMul" : "_MklNativeConv2D";
    return binding.executeOp(name, [...attributes, ONEDNN], [x, filter], 1)[0].id;
  }

  function fused(others: number[]): number {
    const steps = ["BiasAdd", ...(side === undefined ? [] : ["Add"]), ...(activation ? [activation.name] : [])];
    const more: OpAttribute[] = [
      ints("num_args", others.length),
      ...(op === "Conv2D" ? [type("TArgs", others.map(() => FLOAT))] : []),
      string("fused_ops", steps),
      float("epsilon", 0),
      float("leakyrelu_alpha", activation?.slope ?? 0),
      ONEDNN,
    ];
    // Without being told so, the op takes the first weights that it sees for those of every layer of the same shape.
    if (op === "MatMul") more.push(bool("is_weight_const", false));
    return binding.executeOp(`_MklNativeFused${op}`, [...attributes, ...more], [x, filter, ...others], 1)[0].id;
  }
}
