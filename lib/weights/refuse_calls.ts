/**
 * Makes the calls of a network's methods on something that is mistaken for one say what went wrong. The type has no such methods, so
 * that type-checking refuses them; a notebook checks no types.
 *
 * @param type what it is mistaken for
 * @param sentence what to do instead, given the method
 */
export function refuseCalls(type: { name: string; prototype: object }, sentence: (method: string) => string): void {
  for (const method of ["forward", "eval", "train", "predict"]) {
    Object.defineProperty(type.prototype, method, {
      enumerable: false,
      value: () => {
        throw new TypeError(`Cannot call ${method}() on a ${type.name}: ${sentence(method)}`);
      },
    });
  }
}
