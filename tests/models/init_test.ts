import { assert, assertEquals } from "@std/assert";
import { manualSeed } from "../../lib/engine/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { Buffer, type Module, Parameter } from "../../lib/nn/mod.ts";
import { noLeaks, release } from "../tensors.ts";
import { readGolden } from "./golden.ts";

/** What make_init_golden.py writes. */
interface Golden {
  /** Over how many networks the figures are. */
  draws: number;
  /** Tensors of more values are left out; a group of more takes no further one. */
  largest: number;
  enough: number;
  networks: Record<string, Record<string, [count: number, mean: number, std: number, kurtosis: number]>>;
}

const golden = await readGolden<Golden>("init.json.gz");

/** The initial values of a network by kind of layer, name and shape: "Conv2d.weight [64, 64, 3, 3]". */
function groupsOf(model: Module): Map<string, (Parameter | Buffer)[]> {
  const groups = new Map<string, (Parameter | Buffer)[]>();
  for (const module of model.modules()) {
    for (const [name, stored] of Object.entries(module)) {
      if (!(stored instanceof Parameter || stored instanceof Buffer) || stored.size > golden.largest) continue;
      const key = `${module.constructor.name}.${name} [${stored.shape.join(", ")}]`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      if (group.reduce((sum, { size }) => sum + size, 0) < golden.enough) group.push(stored);
    }
  }
  return groups;
}

async function spread(group: readonly (Parameter | Buffer)[]): Promise<[count: number, mean: number, std: number]> {
  const tensors = await Promise.all(group.map(({ value }) => value.data()));
  let count = 0, sum = 0, squares = 0;
  for (const values of tensors) {
    count += values.length;
    for (let i = 0; i < values.length; i++) sum += values[i];
  }
  const mean = sum / count;
  for (const values of tensors) for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return [count, mean, Math.sqrt(squares / count)];
}

for (const [name, expected] of Object.entries(golden.networks)) {
  noLeaks(`${name}: starts as torchvision's does, each kind of layer with its mean and spread`, async () => {
    manualSeed(7);
    const model = models.get(name);
    const groups = groupsOf(model);
    assertEquals([...groups.keys()].sort(), Object.keys(expected).sort());
    const wrong: string[] = [];
    for (const [key, [count, mean, std, kurtosis]] of Object.entries(expected)) {
      const found = await spread(groups.get(key)!);
      assertEquals(found[0], count, key);
      // five standard errors of a sample's mean and deviation, and those of the figures themselves
      const errors = 5 * std * Math.sqrt((1 + 1 / golden.draws) / count);
      const off = [Math.abs(found[1] - mean), Math.abs(found[2] - std)];
      const allowed = [errors + 1e-6, errors * Math.sqrt(Math.max(0, kurtosis - 1)) / 2 + 1e-6];
      if (off.every((one, i) => one <= allowed[i])) continue;
      wrong.push(`${key}: expected ${mean} ± ${std}, found ${found[1].toPrecision(4)} ± ${found[2].toPrecision(4)}`);
    }
    release(model);
    assert(wrong.length === 0, wrong.join("\n"));
  });
}
