import { createHash } from "node:crypto";
import { Buffer, Counter, IndexBuffer, Module, Parameter, type Stage } from "../nn/mod.ts";

/** A network's stages, and what tells them from those of other networks. */
export interface Trunk {
  readonly model: Module;
  readonly stages: readonly Stage[];
  /**
   * By position of a stage, a digest of everything below it: what its modules are and the bits of their values. Two networks
   * whose digests at a stage are equal make the same of a picture up to there.
   */
  readonly digests: readonly string[];
}

/** The part of a network below some stages, as it is now. */
export async function trunkOf(model: Module, cuts: readonly string[]): Promise<Trunk> {
  const stages = model.stages();
  const last = stages.findLastIndex(({ name }) => cuts.includes(name));
  return { model, stages, digests: await digestsOf(model, stages.slice(0, last)) };
}

/** For each stage the digest of all before it, and for what follows the last one that of all. */
async function digestsOf(model: Module, stages: readonly Stage[]): Promise<string[]> {
  const state = model.namedState();
  const modules = model.namedModules();
  const digests = [digest(describeModule(model))]; // a stage's function may ask the network how it was made
  for (const { name, modules: own, forward, auxiliary } of stages) {
    const parts = own.filter((part) => part !== auxiliary?.module); // what comes off a stage makes nothing of its output
    const isOwn = (path: string) => parts.some((part) => path === part || path.startsWith(`${part}.`));
    const hash = createHash("sha256").update(digests.at(-1)!).update(`${name} ${forward}`);
    for (const [path, module] of modules) if (isOwn(path)) hash.update(`${path} ${describeModule(module)}`);
    for (const [path, stored] of state) {
      if (!isOwn(path)) continue;
      hash.update(path);
      if (stored instanceof Counter) continue; // it has no part in what is computed
      const values = stored instanceof IndexBuffer ? stored.values : await valuesOf(stored as Parameter | Buffer);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    digests.push(hash.digest("hex"));
  }
  return digests;
}

async function valuesOf({ value }: Parameter | Buffer): Promise<Float32Array> {
  return await value.data() as Float32Array;
}

// These say nothing about what a frozen module computes.
const unimportant = new Set(["training", "frozen", "classes", "transforms"]);

/** What decides, beside its state and its parts, what a module computes: its class and what it was made with. */
function describeModule(module: Module): string {
  const made = Object.entries(module).filter(([name, value]) =>
    !unimportant.has(name) && ![Module, Parameter, Buffer, Counter, IndexBuffer].some((part) => value instanceof part)
  );
  const plain = (_name: string, value: unknown) => typeof value === "function" ? String(value) : value;
  const { constructor, forward } = Object.getPrototypeOf(module);
  return `${constructor.name}(${module.extraRepr()}) ${forward} ${JSON.stringify(made, plain)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
