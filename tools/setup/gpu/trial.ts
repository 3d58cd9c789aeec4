import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Manifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { PROJECT } from "../paths.ts";
import { runCommand, tail } from "../process.ts";

/**
 * Tries a build as the engine will use it, in processes of their own: one that crashes must not be put in place.
 *
 * @param card the name of the card that has to compute; undefined where there is none yet
 * @returns what computed
 * @throws Error with what was expected and found
 */
export async function tryBuild(folder: string, manifest: Manifest, card?: string): Promise<string> {
  await tryOpening(folder, manifest);
  return await tryComputing(folder, manifest, card);
}

/** Lets the engine compute with a build; see {@linkcode tryBuild}. */
export async function tryComputing(folder: string, manifest: Manifest, card?: string): Promise<string> {
  const what = `TensorFlow ${manifest.tensorflow} for CUDA ${manifest.cuda}`;
  const { code, stdout, stderr } = await runScript("compute.ts", [], {
    THAW_LIBTENSORFLOW: folder,
    THAW_ENGINE: "tensorflow",
    TF_CPP_MIN_LOG_LEVEL: Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "1", // TensorFlow's warnings say why it found no card
  });
  if (code !== 0) {
    throw new Error(
      `Cannot use ${what}: expected it to compute a product and a convolution, found exit code ${code}:\n${
        tail(stderr)
      }`,
    );
  }
  const found: Found = JSON.parse(stdout.trim().split("\n").at(-1)!);
  if (dirname(found.library) !== resolve(folder)) { // the engine goes on to the next where one cannot be opened
    throw new Error(
      `Cannot use ${what}: expected the engine to take it, found ${found.library} taken:\n${tail(stderr)}`,
    );
  }
  if (card !== undefined && !found.gpu) {
    throw new Error(
      `Cannot use ${what}: expected it to compute on ${card}, found ${found.device}: ${found.noCard}\n${tail(stderr)}`
        .trimEnd(),
    );
  }
  const { product, convolution } = found;
  if (!isNear(product, PRODUCT) || !isNear(convolution, CONVOLUTION)) {
    throw new Error(
      `Cannot use ${what}: expected the sums ${PRODUCT} and ${CONVOLUTION} from ${found.device}, found ` +
        `${product} (cuBLAS) and ${convolution} (cuDNN)`,
    );
  }
  return `computes on ${found.card ?? found.device}`;
}

const PRODUCT = 64 ** 3, CONVOLUTION = (6 * 6 * 8) * (3 * 3 * 4); // of ones: outputs by terms of each

/** True up to rounding; not for NaN. */
function isNear(found: number, expected: number): boolean {
  return Math.abs(found - expected) <= 1e-3 * expected;
}

/** What compute.ts prints. */
interface Found {
  gpu: boolean;
  device: string;
  library: string;
  card?: string;
  noCard?: string;
  product: number;
  convolution: number;
}

/**
 * Lets TensorFlow look for CUDA's runtime where this build has its one.
 *
 * @throws Error where it opens none, or another: then it would open another's cuBLAS and cuDNN too
 */
export async function tryOpening(folder: string, { tensorflow, cuda, preload }: Manifest): Promise<void> {
  const what = `TensorFlow ${tensorflow} for CUDA ${cuda}`;
  const runtime = preload.map((path) => resolve(folder, path)).find((path) => path.includes("/libcudart.so."));
  if (runtime === undefined) throw new Error(`Cannot use ${what}: expected libcudart.so.${cuda}, found none`);
  const { code, stdout, stderr } = await runScript("opens.ts", [join(folder, "libtensorflow_framework.so.2")], {
    LD_LIBRARY_PATH: dirname(runtime),
  });
  if (code !== 0) throw new Error(`Cannot open ${what}: expected it to load, found:\n${tail(stderr)}`);
  const opened = stdout.trim().split("\n").filter((path) => path !== "");
  if (opened.length === 1 && opened[0] === await Deno.realPath(runtime)) return;
  throw new Error(
    `Cannot use ${what}: expected it to open ${runtime}, found that it opens ${
      opened.join(" and ") || "none of CUDA's"
    }`,
  );
}

function runScript(name: string, args: string[], env: Record<string, string>) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  return runCommand(Deno.execPath(), ["run", "-A", "--no-check", script, ...args], {
    cwd: PROJECT,
    env: { NO_COLOR: "1", ...env },
  });
}
