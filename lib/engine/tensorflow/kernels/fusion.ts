import { deferActivation, deferSum } from "./deferred.ts";
import { wrapKernel } from "./wrap.ts";

/** Lets sums and activations join a convolution or a product that waits for them (see deferred.ts). */
export function registerFusion(): void {
  wrapKernel("Add", (backend, { a, b }) => deferSum(backend, a, b) ?? deferSum(backend, b, a));
  for (const name of ["Relu", "Relu6"] as const) {
    wrapKernel(name, (backend, { x }) => deferActivation(backend, x, { name }));
  }
  wrapKernel<{ alpha: number }>("LeakyRelu", (backend, { x }, { alpha }) => {
    return deferActivation(backend, x, { name: "LeakyRelu", slope: alpha });
  });
}
