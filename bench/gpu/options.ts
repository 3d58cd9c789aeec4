import { parseArgs } from "node:util";

/** What `deno task bench-gpu` was asked for. */
export interface Options {
  device: "gpu" | "cpu";
  /** A Python with torch. */
  python: string;
  /** Parts of the names of the cases that are wanted. */
  only: string[];
  list: boolean;
  /** All the time there is. */
  minutes: number;
  /** The seconds that one case may take. */
  limit: number;
  rounds: number;
  again: boolean;
  out: string;
}

/** @throws TypeError or RangeError naming the option that cannot be */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      device: { type: "string", default: "gpu" },
      python: { type: "string", default: "python3" },
      only: { type: "string", default: "" },
      list: { type: "boolean", default: false },
      minutes: { type: "string", default: "Infinity" },
      limit: { type: "string", default: "300" },
      rounds: { type: "string", default: "5" },
      again: { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  const { device, python, list, again } = values;
  if (device !== "gpu" && device !== "cpu") {
    throw new RangeError(`Cannot measure: expected --device gpu or cpu, found ${device}`);
  }
  const number = (name: "minutes" | "limit" | "rounds") => {
    const value = Number(values[name]);
    if (value > 0 && (name !== "rounds" || Number.isInteger(value))) return value;
    const kind = name === "rounds" ? "a whole number" : "a number";
    throw new RangeError(`Cannot measure: expected --${name} to be ${kind} above 0, found ${values[name]}`);
  };
  return {
    device,
    python,
    only: values.only.split(",").filter((text) => text !== ""),
    list,
    minutes: number("minutes"),
    limit: number("limit"),
    rounds: number("rounds"),
    again,
    // what a rehearsal measures is nobody's result
    out: values.out ?? (device === "gpu" ? "bench/results/gpu.json" : "out/gpu_rehearsal.json"),
  };
}
