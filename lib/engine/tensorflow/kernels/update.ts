import type * as tf from "@tensorflow/tfjs";
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

/** TensorFlow's name for a resource that lives as long as its handle. */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";
const DTYPE = type("dtype");

/** What is made once for each binding: a step needs the same for every parameter. */
interface Kept {
  /** Resource variables that tensors are lent to. */
  variables: number[];
  /** Whether they are to let go of what they hold. */
  releasing?: boolean;
  /** Numbers as tensors, the one used last at the end. */
  scalars: Map<number, number>;
}

const kept = new WeakMap<object, Kept>();
const MOST_SCALARS = 64;

/** Optimizer steps by TensorFlow's training ops, which change weights where they lie instead of making new ones. */
export function registerUpdates(): void {
  registerKernel<{ learningRate: number }>("ThawApplyGradientDescent", (backend, { weight, gradient }, step) => {
    const inputs = [scalar(backend, step.learningRate), ...backend.getInputTensorIds([gradient])];
    return inPlace(backend, [weight], (handles) => apply(backend, "GradientDescent", handles, inputs));
  });
  registerKernel<MomentumStep>("ThawApplyMomentum", (backend, { weight, velocity, gradient }, step) => {
    const [slope] = backend.getInputTensorIds([gradient]);
    const inputs = [scalar(backend, step.learningRate), slope, scalar(backend, step.momentum)];
    const nesterov = bool("use_nesterov", step.nesterov);
    return inPlace(backend, [weight, velocity], (handles) => apply(backend, "Momentum", handles, inputs, nesterov));
  });
  registerKernel<AdamStep>("ThawApplyAdam", (backend, { weight, mean, square, gradient }, step) => {
    const powers = [step.beta1 ** step.step, step.beta2 ** step.step];
    // The op adds epsilon to the root before the bias correction, torch after it.
    const epsilon = step.epsilon * Math.sqrt(1 - powers[1]);
    const numbers = [...powers, step.learningRate, step.beta1, step.beta2, epsilon].map((value) =>
      scalar(backend, value)
    );
    const inputs = [...numbers, ...backend.getInputTensorIds([gradient])];
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
function inPlace(backend: OpRunner, tensors: tf.Tensor[], update: (variables: number[]) => void): [] {
  const { binding } = backend;
  const variables = tensors.map((_, i) => variable(backend, i));
  const assign = (i: number, id: number) => binding.executeOp("AssignVariableOp", [DTYPE], [variables[i], id], 0);
  const ids = backend.getInputTensorIds(tensors); // all at once: where one cannot be brought, none is let go yet
  ids.forEach((id, i) => {
    assign(i, id);
    binding.deleteTensor(id);
  });
  try {
    update(variables);
  } finally {
    tensors.forEach((tensor, i) => {
      const [read] = binding.executeOp("ReadVariableOp", [DTYPE], [variables[i]], 1);
      backend.tensorMap.get(tensor.dataId).id = read.id;
    });
    releaseSoon(backend);
  }
  return [];
}

/**
 * Lets the variables let go of what they hold. The next parameter's tensors take its place, so that this is due once, when a
 * step is through.
 */
function releaseSoon(backend: OpRunner): void {
  const known = keptBy(backend.binding);
  if (known.releasing) return;
  known.releasing = true;
  queueMicrotask(() => {
    known.releasing = false;
    const nothing = scalar(backend, 0);
    for (const variable of known.variables) {
      backend.binding.executeOp("AssignVariableOp", [DTYPE], [variable, nothing], 0);
    }
  });
}

function apply(backend: OpRunner, rule: string, variables: number[], inputs: number[], ...extra: OpAttribute[]): void {
  const attributes = [type("T"), bool("use_locking", false), ...extra];
  backend.binding.executeOp(`ResourceApply${rule}`, attributes, [...variables, ...inputs], 0);
}

function keptBy(binding: OpRunner["binding"]): Kept {
  const known = kept.get(binding) ?? { variables: [], scalars: new Map() };
  kept.set(binding, known);
  return known;
}

function variable({ binding }: OpRunner, i: number): number {
  const attributes = [DTYPE, shape("shape", []), string("container", ""), string("shared_name", ANONYMOUS)];
  return keptBy(binding).variables[i] ??= binding.executeOp("VarHandleOp", attributes, [], 1)[0].id;
}

function scalar({ binding }: OpRunner, value: number): number {
  const { scalars } = keptBy(binding);
  const id = scalars.get(value) ?? binding.createTensor([], FLOAT, Float32Array.of(value));
  scalars.delete(value);
  scalars.set(value, id);
  if (scalars.size > MOST_SCALARS) {
    const [oldest, unused] = scalars.entries().next().value!;
    scalars.delete(oldest);
    binding.deleteTensor(unused);
  }
  return id;
}
