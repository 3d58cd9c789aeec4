import * as tf from "@tensorflow/tfjs";
import { bool, FLOAT, type OpAttribute, registerKernel, type } from "./op.ts";

/** What makes float32 of an element type: which one is said in the right way on its way to TensorFlow; see ../autocast.ts. */
export const TO_FLOAT: OpAttribute[] = [type("SrcT"), type("DstT"), bool("Truncate", false)];

/** The same numbers in float32, where they are bfloat16. */
export function registerWiden(): void {
  registerKernel("ThawWiden", (backend, { x }) => {
    const [id] = backend.getInputTensorIds([x]);
    return backend.binding.dtype(id) === FLOAT ? x.clone() : backend.executeSingleOutput("Cast", TO_FLOAT, [x]);
  });
  tf.registerGradient({ kernelName: "ThawWiden", gradFunc: (dy) => ({ x: () => (dy as tf.Tensor).clone() }) });
}
