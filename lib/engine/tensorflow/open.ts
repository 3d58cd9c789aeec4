import { type CApi, openCApi } from "./capi.ts";
import type { Library } from "./library.ts";
import { pin } from "./pin.ts";
import { whatProcessorLacks } from "./processor.ts";
import { withoutLogLines } from "./quiet.ts";

/**
 * Opens TensorFlow's C library for as long as the process lives.
 *
 * @throws Error with the reason when this processor or this system cannot use it
 */
export function openLibrary({ main, framework }: Library): CApi {
  const lacking = whatProcessorLacks();
  if (lacking) throw new Error(`Cannot use ${main}: expected a processor with ${lacking}, found one without`);
  // TensorFlow reads this from the environment when it is loaded: 2 leaves warnings out and keeps errors.
  if (!Deno.env.has("TF_CPP_MIN_LOG_LEVEL")) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "2");
  withoutLogLines(() => {
    if (framework) pin(framework);
    pin(main);
  });
  try {
    return openCApi(main);
  } catch (error) {
    throw new Error(`Cannot use ${main}: expected TensorFlow's C API (2.9 or newer) in it`, { cause: error });
  }
}
