import type * as tf from "@tensorflow/tfjs";
import type { Deferred } from "./deferred.ts";
import { FLOAT, INT32, type OpAttribute, type OpRunner, type } from "./op.ts";

/** Batch norm in evaluation: its tensors `[C]` and what is added to the variance. */
export interface BatchNorm {
  scale: tf.Tensor;
  offset: tf.Tensor;
  mean: tf.Tensor;
  variance: tf.Tensor;
  epsilon: number;
}

interface Folded {
  /** The numbers of the tensors that it was made of; training gives a changed tensor another number. */
  madeOf: string;
  filter: number;
  bias: number;
}

// One for each batch norm, by its scale's data, so that prediction after prediction folds once.
const folded = new WeakMap<object, Folded>();
const forgotten = new FinalizationRegistry<() => void>((free) => free());

/**
 * A filter and a bias that do what the convolution and batch norm do one after the other:
 * `filter · factor` and `offset + (bias − mean) · factor` with `factor = scale / √(variance + epsilon)`. Without a convolution,
 * a filter of one number for each channel, which does what batch norm does.
 */
export function foldNorm(backend: OpRunner, norm: BatchNorm, conv?: Deferred): { filter: number; bias: number } {
  const owner = norm.scale.dataId;
  const tensors = backend.getInputTensorIds([norm.scale, norm.offset, norm.mean, norm.variance]);
  const madeOf = [conv?.origin.filter, conv?.origin.bias, ...tensors, norm.epsilon].join();
  const known = folded.get(owner);
  if (known?.madeOf === madeOf) return known;
  if (known) {
    free(backend, known);
    forgotten.unregister(owner);
  }
  const made = { madeOf, ...fold(backend, tensors, norm.epsilon, conv) };
  folded.set(owner, made);
  forgotten.register(owner, () => free(backend, made), owner);
  return made;
}

function fold(
  { binding }: OpRunner,
  [scale, offset, mean, variance]: number[],
  epsilon: number,
  conv?: Deferred,
): { filter: number; bias: number } {
  const made: number[] = [];
  const run = (op: string, inputs: number[], ...more: OpAttribute[]) => {
    const [{ id }] = binding.executeOp(op, [type("T"), ...more], inputs, 1);
    made.push(id);
    return id;
  };
  made.push(binding.createTensor([], FLOAT, Float32Array.of(epsilon)));
  const factor = run("Mul", [scale, run("Rsqrt", [run("AddV2", [variance, made[0]])])]);
  const shift = conv?.bias === undefined ? mean : run("Sub", [mean, conv.bias]);
  const bias = run("Sub", [offset, run("Mul", [shift, factor])]);
  const filter = conv ? run("Mul", [conv.filter, factor]) : single();

  function single(): number {
    const shape = binding.createTensor([4], INT32, Int32Array.of(1, 1, 1, -1));
    made.push(shape);
    return run("Reshape", [factor, shape], type("Tshape", INT32));
  }

  for (const id of made) if (id !== filter && id !== bias) binding.deleteTensor(id);
  return { filter, bias };
}

function free({ binding }: OpRunner, { filter, bias }: Folded): void {
  binding.deleteTensor(filter);
  binding.deleteTensor(bias);
}
