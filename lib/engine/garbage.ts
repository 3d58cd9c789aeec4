import v8 from "node:v8";
import vm from "node:vm";

let collect: (() => void) | undefined;

/**
 * Collects garbage now. V8 does so when JavaScript's own memory grows; a tensor's memory is not part of that.
 *
 * Started with `--expose-gc` it offers this itself, otherwise the flag is set late and a new context has it.
 */
export function collectGarbage(): void {
  collect ??= (globalThis as { gc?: () => void }).gc ?? exposed();
  collect();
}

function exposed(): () => void {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc") as () => void;
}
