import { inKernel } from "./kernel.ts";
import { listenForInterrupts } from "./interrupt.ts";

let cured = false;

/**
 * Makes the kernel safe to work in: an error in a timer, which otherwise stalls every timer for half a minute and says
 * nothing, and a promise that nobody waited for are printed when they happen, and the stop button stops what listens to
 * it instead of the kernel. Does nothing outside a kernel, and nothing twice.
 */
export function cureTraps(): void {
  if (cured || !inKernel()) return;
  cured = true;
  globalThis.addEventListener("error", (event) => {
    console.error("Uncaught error:", event.error ?? event.message);
    event.preventDefault();
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    console.error("Unhandled rejection:", event.reason);
    event.preventDefault();
  });
  listenForInterrupts();
}
