import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * A variable that nobody but its owner holds. tfjs keeps every variable in a table by name, for good; taken out of it,
 * a forgotten network can be collected.
 *
 * @param value taken over: the variable holds its data and the tensor itself is disposed
 */
export function ownedVariable(value: tf.Tensor): tf.Variable {
  const variable = tf.variable(value, false);
  delete tf.engine().state.registeredVariables[variable.name];
  value.dispose();
  return variable;
}

/**
 * A tensor that keeps the values `tensor` has now, whatever training does to it in place. Costs no copy until then.
 */
export function snapshot<T extends tf.Tensor>(tensor: T): T {
  return hasKernel("ThawSnapshot") ? runKernel("ThawSnapshot", { x: tensor }) : tf.clone(tensor);
}
