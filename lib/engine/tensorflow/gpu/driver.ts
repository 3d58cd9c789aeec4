import { dirname, isAbsolute, join } from "node:path";
import { fromCString } from "../c_string.ts";

/** An NVIDIA card, as its driver tells of it. */
export interface Card {
  /** `NVIDIA H100 80GB HBM3`. */
  name: string;
  memoryBytes: number;
  /** What its processors can do, in NVIDIA's count: `9.0`. */
  computeCapability: string;
}

/** NVIDIA's driver. */
export interface Driver {
  /** The newest CUDA that it takes: `13.0`. */
  cuda: string;
  /** What it was opened by. */
  path: string;
  /** The cards that programs may use, in CUDA's order. `CUDA_VISIBLE_DEVICES` hides cards. */
  cards: Card[];
}

/** Where the driver's library is: the system knows, except under Windows' Linux and in Colab. */
const PLACES = ["libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1", "/usr/lib64-nvidia/libcuda.so.1"];

/** The functions of NVIDIA's driver (cuda.h) that tell of it and its cards. Each returns 0 or an error's number. */
const SYMBOLS = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuGetErrorString: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

type DriverApi = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const MAJOR = 75, MINOR = 76; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_…
const NO_DEVICE = 100; // CUDA_ERROR_NO_DEVICE

/**
 * Asks NVIDIA's driver for itself and its cards.
 *
 * @param places where its library may be, the first that opens being taken
 * @returns the driver, or why there is none to use
 *
 * @example
 * ```ts
 * import { askDriver } from "./driver.ts";
 *
 * const driver = askDriver();
 * console.log(typeof driver === "string" ? driver : driver.cards);
 * ```
 */
export function askDriver(places: string | readonly string[] = PLACES): Driver | string {
  if (Deno.build.os !== "linux") return "TensorFlow has GPU builds for Linux only";
  const reasons: string[] = [];
  for (const path of [places].flat()) {
    const library = open(path);
    // Not closed: a driver that was started stays, and TensorFlow uses the same one.
    if (typeof library === "string") {
      reasons.push(library);
      continue;
    }
    // TensorFlow asks for it by name, and the system does not know this folder.
    if (isAbsolute(path)) isAtHand(join(dirname(path), MANAGEMENT));
    return ask(library.symbols, path);
  }
  const [first] = reasons;
  return `there is no NVIDIA driver (${reasons.find((reason) => !reason.endsWith(NOT_FOUND)) ?? first})`;
}

/** The part of the driver that tells of a card's state (NVML). Without it TensorFlow sees no card, and does not say so. */
export const MANAGEMENT = "libnvidia-ml.so.1";

/** Whether a library can be opened; it stays open. */
export function isAtHand(library: string): boolean {
  try {
    Deno.dlopen(library, {});
    return true;
  } catch {
    return false;
  }
}

const NOT_FOUND = " was not found";

/** The driver's library, or why there is none: containers may have an empty file in its place. */
function open(path: string): Deno.DynamicLibrary<typeof SYMBOLS> | string {
  try {
    return Deno.dlopen(path, SYMBOLS);
  } catch (error) {
    const reason = (error as Error).message.replace(/^.*library: /, ""); // the system's, without Deno's words before it
    return reason.startsWith(path) && reason.includes("No such file") ? path + NOT_FOUND : reason;
  }
}

function ask(api: DriverApi, path: string): Driver | string {
  const refused = (what: string, code: number) => `NVIDIA's driver (${path}) refused to ${what}: ${reason(api, code)}`;
  const number = new Int32Array(1);
  const started = api.cuInit(0);
  const cuda = api.cuDriverGetVersion(number) === 0 ? versionName(number[0]) : "unknown";
  if (started === NO_DEVICE) return `NVIDIA's driver (CUDA ${cuda}) sees no card${hidden()}`;
  if (started !== 0) return refused("start", started);
  const counted = api.cuDeviceGetCount(number);
  if (counted !== 0) return refused("count its cards", counted);
  const cards = Array.from({ length: number[0] }, (_, i) => card(api, i));
  return cards.length > 0 ? { cuda, path, cards } : `NVIDIA's driver (CUDA ${cuda}) sees no card${hidden()}`;
}

function card(api: DriverApi, ordinal: number): Card {
  const device = new Int32Array(1), number = new Int32Array(1), bytes = new BigUint64Array(1);
  const name = new Uint8Array(256);
  api.cuDeviceGet(device, ordinal);
  api.cuDeviceGetName(name, name.length, device[0]);
  api.cuDeviceTotalMem_v2(bytes, device[0]);
  const [major, minor] = [MAJOR, MINOR].map((attribute) => {
    api.cuDeviceGetAttribute(number, attribute, device[0]);
    return number[0];
  });
  return {
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    memoryBytes: Number(bytes[0]),
    computeCapability: `${major}.${minor}`,
  };
}

/** CUDA's versions are numbers, 12080 for 12.8. */
export function versionName(version: number): string {
  return `${Math.floor(version / 1000)}.${Math.floor(version % 1000 / 10)}`;
}

function hidden(): string {
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return visible === undefined ? "" : `: CUDA_VISIBLE_DEVICES, which hides cards, is "${visible}"`;
}

function reason(api: DriverApi, code: number): string {
  const text = new BigUint64Array(1);
  if (api.cuGetErrorString(code, text) !== 0 || text[0] === 0n) return `error ${code}`;
  return `${fromCString(Deno.UnsafePointer.create(text[0]))} (error ${code})`;
}
