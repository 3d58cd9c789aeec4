import { dirname } from "node:path";
import type { Facts } from "./cases.ts";

/** What a case gave, by its name. */
export interface Row {
  case: string;
  problem?: string;
}

/** The machine that was measured on. */
export interface Machine {
  device: "gpu" | "cpu";
  engine: Omit<Facts, "backend" | "noCard">;
  torch: unknown;
  webgpu: unknown;
  processor: string;
  cores: number;
  deno: string;
}

/** The file of results, which is written anew after each case: what is broken off goes on where it was. */
export class Results {
  readonly #rows: Map<string, Row>;

  private constructor(readonly path: string, private readonly machine: Machine, rows: readonly Row[]) {
    this.#rows = new Map(rows.map((row) => [row.case, row]));
  }

  /** Takes up a file, if it was measured on the same machine with the same versions. */
  static async open(path: string, machine: Machine): Promise<Results> {
    const before = JSON.parse(await Deno.readTextFile(path).catch(() => "{}"));
    const same = JSON.stringify(before.machine) === JSON.stringify(machine);
    return new Results(path, machine, same ? before.results : []);
  }

  /** Whether a case is there already, without a problem. */
  has(name: string): boolean {
    return this.#rows.has(name) && this.#rows.get(name)!.problem === undefined;
  }

  /** Puts a case in; those of the plan come in its order, others after them. */
  async put(row: Row, order: readonly string[]): Promise<void> {
    this.#rows.set(row.case, row);
    const place = (name: string) => order.includes(name) ? order.indexOf(name) : order.length;
    const results = [...this.#rows.values()].sort((a, b) => place(a.case) - place(b.case));
    const unit = "seconds; best and median of the rounds; a ratio is the other's best time ÷ thaw's";
    await Deno.mkdir(dirname(this.path), { recursive: true });
    await Deno.writeTextFile(
      `${this.path}.partial`,
      JSON.stringify({ unit, machine: this.machine, results }, null, 2) + "\n",
    );
    await Deno.rename(`${this.path}.partial`, this.path);
  }
}

/** The processor's name. */
export async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return info.match(/model name\s*: (.*)/)?.[1] ?? Deno.build.arch;
}
