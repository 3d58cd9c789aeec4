import type { Library } from "./library.ts";

// TensorFlow's switch is no part of its C API: these are the names of two C++ functions, as compilers write them
// (enable_tensor_float_32_execution and its question, in tsl/platform/tensor_float_32_utils.h, before 2.11 in tensorflow/…).
const NAMES = ["3tsl", "10tensorflow"].map((namespace) => ({
  enable: `_ZN${namespace}32enable_tensor_float_32_executionEb`,
  enabled: `_ZN${namespace}33tensor_float_32_execution_enabledEv`,
}));

/** What NVIDIA's own libraries ask: 0 forbids TF32 to every program. */
const OVERRIDE = "NVIDIA_TF32_OVERRIDE";

/** TensorFlow's switch for TF32, which it has on by itself. */
export interface TensorFloat32 {
  enable(on: boolean): void;
  enabled(): boolean;
}

/** The switch of a TensorFlow that is open; undefined where this build has none. */
export function tensorFloat32({ main, framework }: Pick<Library, "main" | "framework">): TensorFloat32 | undefined {
  for (const names of NAMES) {
    const { symbols } = Deno.dlopen(framework ?? main, {
      enable: { name: names.enable, parameters: ["bool"], result: "void", optional: true },
      enabled: { name: names.enabled, parameters: [], result: "bool", optional: true },
    });
    const { enable, enabled } = symbols;
    if (enable && enabled) return { enable, enabled };
  }
  return undefined;
}

/**
 * Turns TF32 on or off.
 *
 * @param gpu whether a card computes; elsewhere there is no TF32
 * @throws Error where a card is to use it and the environment forbids that
 */
export function setTensorFloat32(on: boolean, control: TensorFloat32 | undefined, gpu: boolean): void {
  control?.enable(on);
  if (!gpu) return;
  const forbidden = Deno.env.get(OVERRIDE) === "0";
  if (on && forbidden) {
    throw new Error(`Cannot compute in tf32: expected ${OVERRIDE} not to be 0, found 0; unset it before the start`);
  }
  if (!on && !control && !forbidden) {
    console.error(
      "thaw computes in tf32 although float32 was wanted: this build of TensorFlow has no switch for it. " +
        `For float32 set ${OVERRIDE}=0 before the start`,
    );
  }
}
