import * as tf from "@tensorflow/tfjs";
import { widen } from "./ops/widen.ts";

/** One recorded step of a computation, as tfjs's tape has it. */
interface TapeNode {
  inputs: tf.NamedTensorMap;
  outputs: tf.Tensor[];
  /** The slopes of the inputs from those of the outputs, each computed when asked for; absent where there is none. */
  gradient?(slopes: (tf.Tensor | undefined)[]): Record<string, () => tf.Tensor>;
  /** What the gradient wants back. */
  saved?: tf.Tensor[];
}

/**
 * The gradients of a scalar, by tfjs's tape but with a backward pass of our own: it frees what a step has saved and the
 * slopes that it has used as soon as it is done with them, where tfjs keeps them all to the end. That more than halves the
 * memory of a training step, and memory that is free again is still in the processor's caches.
 *
 * @param compute makes the scalar; may be called within no other gradient
 * @param xs what the slopes are wanted of
 * @returns the scalar, and a slope for each of `xs`, undefined where the scalar does not depend on it
 */
export function gradients<T extends tf.Tensor>(
  compute: () => T,
  xs: readonly tf.Tensor[],
): { value: T; slopes: (tf.Tensor | undefined)[] } {
  const { value, tape } = record(compute);
  try {
    const wanted = new Set(xs.map(({ id }) => id));
    const slopes = walkBack(nodesBetween(tape, wanted, value), value, wanted);
    return { value, slopes: xs.map(({ id }) => slopes.get(id)) };
  } catch (error) {
    value.dispose();
    throw error;
  } finally {
    forget(tape);
  }
}

function record<T extends tf.Tensor>(compute: () => T): { value: T; tape: TapeNode[] } {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) throw new Error("Cannot compute gradients within gradients");
  const tape: TapeNode[] = state.activeTape = [];
  state.gradientDepth++;
  try {
    return { value: tf.tidy(compute), tape };
  } catch (error) {
    forget(tape);
    throw error;
  } finally {
    state.gradientDepth--;
    state.activeTape = [];
  }
}

/** The recorded steps that lead from what is wanted to the result, in order; what the others have saved is freed. */
function nodesBetween(tape: TapeNode[], wanted: ReadonlySet<number>, result: tf.Tensor): TapeNode[] {
  const depends = new Set(wanted);
  const after = tape.filter(({ inputs, outputs }) => {
    if (!Object.values(inputs).some(({ id }) => depends.has(id))) return false;
    outputs.forEach(({ id }) => depends.add(id));
    return true;
  });
  const leads = new Set([result.id]);
  const between = after.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some(({ id }) => leads.has(id))) return false;
    Object.values(inputs).forEach(({ id }) => depends.has(id) && leads.add(id));
    return true;
  });
  const kept = new Set(between);
  forget(tape.filter((node) => !kept.has(node)));
  // An input that nothing wanted depends on needs no slope.
  return between.toReversed().map((node) => ({
    ...node,
    inputs: Object.fromEntries(Object.entries(node.inputs).filter(([, { id }]) => depends.has(id))),
  }));
}

/** The slopes of what is wanted, from the last step to the first. */
function walkBack(nodes: TapeNode[], result: tf.Tensor, wanted: ReadonlySet<number>): Map<number, tf.Tensor> {
  const slopes = new Map<number, tf.Tensor>([[result.id, tf.ones(result.shape)]]);
  try {
    for (const node of nodes.toReversed()) {
      const used = node.outputs.map(({ id }) => slopes.get(id));
      if (used.every((slope) => slope === undefined)) continue;
      for (const [id, slope] of slopesOfInputs(node, used)) add(slopes, id, slope);
      for (const { id } of node.outputs) if (!wanted.has(id)) take(slopes, id)?.dispose();
      forget([node]);
    }
  } catch (error) {
    for (const slope of slopes.values()) slope.dispose();
    throw error;
  }
  for (const [id, slope] of slopes) {
    const wide = wanted.has(id) ? widen(slope) : undefined; // what optimizers add up is float32 in every precision
    if (wide) slopes.set(id, wide);
    if (wide !== slope) slope.dispose();
  }
  return slopes;
}

function slopesOfInputs(node: TapeNode, used: (tf.Tensor | undefined)[]): [number, tf.Tensor][] {
  if (!node.gradient) {
    const { kernelName } = node as unknown as { kernelName: string };
    throw new Error(`Cannot compute a gradient through ${kernelName}: it has none`);
  }
  const found: [number, tf.Tensor][] = [];
  tf.tidy(() => {
    const compute = node.gradient!(used);
    for (const [name, input] of Object.entries(node.inputs)) {
      if (!compute[name]) continue;
      const slope = tf.tidy(compute[name]);
      // One that was handed through is freed with the step's outputs; the input needs one of its own.
      found.push([input.id, tf.keep(used.includes(slope) ? slope.clone() : slope)]);
    }
  });
  return found;
}

/** Slopes of something that was used several times add up. */
function add(slopes: Map<number, tf.Tensor>, id: number, slope: tf.Tensor): void {
  const before = slopes.get(id);
  slopes.set(id, before ? tf.add(before, slope) : slope);
  if (before) tf.dispose([before, slope]);
}

function take(slopes: Map<number, tf.Tensor>, id: number): tf.Tensor | undefined {
  const slope = slopes.get(id);
  slopes.delete(id);
  return slope;
}

function forget(nodes: TapeNode[]): void {
  for (const node of nodes) {
    node.saved?.forEach((tensor) => tensor.dispose());
    node.saved = undefined;
  }
}
