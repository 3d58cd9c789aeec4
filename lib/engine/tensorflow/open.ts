import { type CApi, openCApi } from "./capi.ts";
import type { Library } from "./library.ts";
import { pin } from "./pin.ts";
import { whatProcessorLacks } from "./processor.ts";
import { withoutLogLines } from "./quiet.ts";

/** What TensorFlow reads from the environment, unless somebody has set it. */
const SETTINGS = {
  /** 2 leaves warnings out and keeps errors. */
  TF_CPP_MIN_LOG_LEVEL: "2",
  /**
   * On a card, training's batch norm of bfloat16 as it lies, channels last, and not turned to channels first and back: PyTorch
   * takes the same of cuDNN's ways there.
   */
  TF_USE_CUDNN_BATCHNORM_SPATIAL_PERSISTENT: "1",
};

/** The first file of the TensorFlow that is open. */
let taken: string | undefined;

/**
 * Opens TensorFlow's C library for as long as the process lives.
 *
 * @throws Error with the reason when this processor or this system cannot use it, or when another is open
 */
export function openLibrary({ main, framework, preload = [] }: Library): CApi {
  const lacking = whatProcessorLacks();
  if (lacking) throw new Error(`Cannot use ${main}: expected a processor with ${lacking}, found one without`);
  const first = framework ?? main;
  if (taken !== undefined && taken !== first) {
    throw new Error(`Cannot use ${main}: expected no other TensorFlow in this process, found ${taken} open`);
  }
  for (const [name, value] of Object.entries(SETTINGS)) if (!Deno.env.has(name)) Deno.env.set(name, value);
  withoutLogLines(() => {
    // TensorFlow opens NVIDIA's libraries by name later; the system then gives it those that are open.
    preload.forEach(pin);
    pin(first);
    taken = first;
    if (first !== main) pin(main);
  });
  try {
    return openCApi(main);
  } catch (error) {
    throw new Error(`Cannot use ${main}: expected TensorFlow's C API (2.9 or newer) in it`, { cause: error });
  }
}
