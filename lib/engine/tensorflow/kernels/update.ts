import * as tf from "@tensorflow/tfjs";
import type { AdamStep, MomentumStep } from "../../ops/update.ts";
import {
  BOOL,
  bool,
  FLOAT,
  INT32,
  type OpAttribute,
  type OpRunner,
  registerKernel,
  shape,
  string,
  type,
} from "./op.ts";

// TensorFlow's name for a resource that lives as long as its handle.
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** Optimizer steps by TensorFlow's training ops, which change weights where they lie instead of making new ones. */
export function registerUpdates(): void {
  registerKernel<{ learningRate: number }>("ThawApplyGradientDescent", (backend, { weight, gradient }, step) => {
    const inputs = [tf.scalar(step.learningRate), gradient];
    return inPlace(backend, [weight], (handles) => apply(backend, "GradientDescent", handles, inputs));
  });
  registerKernel<MomentumStep>("ThawApplyMomentum", (backend, { weight, velocity, gradient }, step) => {
    const inputs = [tf.scalar(step.learningRate), gradient, tf.scalar(step.momentum)];
    const nesterov = bool("use_nesterov", step.nesterov);
    return inPlace(backend, [weight, velocity], (handles) => apply(backend, "Momentum", handles, inputs, nesterov));
  });
  registerKernel<AdamStep>("ThawApplyAdam", (backend, { weight, mean, square, gradient }, step) => {
    const powers = [step.beta1 ** step.step, step.beta2 ** step.step];
    // The op adds epsilon to the root before the bias correction, torch after it.
    const epsilon = step.epsilon * Math.sqrt(1 - powers[1]);
    const numbers = [...powers, step.learningRate, step.beta1, step.beta2, epsilon].map((value) => tf.scalar(value));
    const inputs = [...numbers, gradient];
    return inPlace(backend, [weight, mean, square], (handles) => apply(backend, "Adam", handles, inputs));
  });
  // A second handle on the same memory: the training ops copy before they write when they are not its only holder.
  registerKernel("ThawSnapshot", (backend, { x }) => {
    const dtype = { float32: FLOAT, int32: INT32, bool: BOOL }[x.dtype as "float32" | "int32" | "bool"];
    return backend.executeSingleOutput("Identity", [type("T", dtype)], [x]);
  });
}

/**
 * Lends tensors to resource variables while `update` runs. The tensors' own handles are let go meanwhile: a training op
 * writes in place only where the variable is the single holder of its memory.
 */
function inPlace(backend: OpRunner, tensors: tf.Tensor[], update: (handles: number[]) => void): [] {
  const { binding } = backend;
  const dtype = type("dtype");
  const handles = tensors.map((tensor) => {
    const [id] = backend.getInputTensorIds([tensor]);
    const attributes = [dtype, shape("shape", tensor.shape), string("container", ""), string("shared_name", ANONYMOUS)];
    const [handle] = binding.executeOp("VarHandleOp", attributes, [], 1);
    binding.executeOp("AssignVariableOp", [dtype], [handle.id, id], 0);
    binding.deleteTensor(id);
    return handle.id;
  });
  try {
    update(handles);
  } finally {
    tensors.forEach((tensor, i) => {
      const [read] = binding.executeOp("ReadVariableOp", [dtype], [handles[i]], 1);
      backend.tensorMap.get(tensor.dataId).id = read.id;
      binding.deleteTensor(handles[i]);
    });
  }
  return [];
}

function apply(backend: OpRunner, rule: string, handles: number[], inputs: tf.Tensor[], ...extra: OpAttribute[]): void {
  const attributes = [type("T"), bool("use_locking", false), ...extra];
  const ids = [...handles, ...backend.getInputTensorIds(inputs)];
  backend.binding.executeOp(`ResourceApply${rule}`, attributes, ids, 0);
}
