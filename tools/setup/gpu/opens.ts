/**
 * opens.ts FRAMEWORK: opens TensorFlow's framework and prints the CUDA runtimes that it opened, a path a line. Which one
 * that is, it decides when it is loaded, card or not; which it can find, LD_LIBRARY_PATH and the system decide.
 */
import { pin } from "../../../lib/engine/tensorflow/pin.ts";

pin(Deno.args[0]); // so that it stays: TensorFlow does not bear to be unloaded
const files = Deno.readTextFileSync("/proc/self/maps").matchAll(/\/.*\/libcudart\.so\.[\d.]+$/gm);
console.log([...new Set([...files].map(([path]) => path))].join("\n"));
