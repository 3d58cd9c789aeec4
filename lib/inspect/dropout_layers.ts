import { DropoutLayer, inMode, type Module } from "../nn/mod.ts";
import { isWithin } from "../nn/select.ts";

/** A dropout layer and its dotted name. */
export type NamedDropout = readonly [path: string, layer: DropoutLayer];

/**
 * The dropout layers of a network that drop anything, found by type; those of auxiliary heads have no part in its logits.
 *
 * @param action what cannot be done otherwise
 * @throws {TypeError} where there is none, or none with a rate above 0
 */
export function activeDropout(action: string, model: Module): NamedDropout[] {
  const heads = model.stages().flatMap(({ auxiliary }) => auxiliary?.module ?? []);
  const all = model.namedModules().filter((pair): pair is [string, DropoutLayer] =>
    pair[1] instanceof DropoutLayer && !heads.some((head) => isWithin(pair[0], head))
  );
  const active = all.filter(([, { p }]) => p > 0);
  if (active.length > 0) return active;
  if (all.length === 0) {
    const name = lastLayer(model);
    throw new TypeError(
      `Cannot ${action} of ${model.constructor.name}: expected a dropout layer, found none; ` +
        `setDropout(model, 0.5${name && `, "${name}"`}) puts one in`,
    );
  }
  throw new TypeError(
    `Cannot ${action} of ${model.constructor.name}: expected a dropout layer with p above 0, found p 0 in ` +
      `${all.map(([path]) => `"${path}"`).join(", ")}; setDropout(model, 0.5) gives them another`,
  );
}

/**
 * Runs `use` while these layers drop, also where they are frozen, and everything else is as in evaluation; then puts every
 * module back. `use` must not wait for anything, as with `nn.inMode`.
 */
export function whileDropping<T>(model: Module, layers: Iterable<DropoutLayer>, use: () => T): T {
  const before = [...layers].map((layer) => [layer, layer.frozen] as const);
  return inMode(model, false, () => {
    for (const [layer] of before) Object.assign(layer, { training: true, frozen: false });
    try {
      return use();
    } finally {
      for (const [layer, frozen] of before) layer.frozen = frozen;
    }
  });
}

/** The last layer with weights: where dropout goes first of all. */
function lastLayer(model: Module): string {
  const layers = model.namedModules().filter(([, module]) =>
    module.children().length === 0 && module.parameters().length > 0
  );
  return layers.at(-1)?.[0] ?? "";
}
