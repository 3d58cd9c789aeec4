/** Thrown where a tensor's values are asked for at once, and a card has them. */
export class NotAtHandError extends Error {
  override readonly name = "NotAtHandError";

  constructor(backend: string) {
    super(
      `Cannot read a tensor at once on ${backend}: expected its values in memory, found them on the card; ` +
        'await its data() or array(), or go to another rung for this step: await useEngine("wasm")',
    );
  }
}
