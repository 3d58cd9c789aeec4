import { registerKernel, type } from "./op.ts";

/** TensorFlow's own ops for the gradients of relu and relu6, which gradients.ts asks for. */
export function registerActivations(): void {
  for (const name of ["Relu", "Relu6"]) {
    registerKernel(
      `Thaw${name}Gradient`,
      (backend, { dy, y }) => backend.executeSingleOutput(`${name}Grad`, [type("T")], [dy, y]),
    );
  }
}
