/**
 * The stop button. A notebook sends the kernel an interrupt, which ends the process unless something listens.
 *
 * @module
 */

const handlers = new Set<() => void>();
let pending = false;

/** Listens for the process's interrupt from now on. */
export function listenForInterrupts(): void {
  Deno.addSignalListener("SIGINT", interrupt);
}

/** What an interrupt does: it calls those who asked for it; if nobody did, it waits for the next {@linkcode breathe}. */
export function interrupt(): void {
  pending = handlers.size === 0;
  for (const handler of [...handlers]) handler();
}

/**
 * Calls `handler` when the notebook's stop button is pressed.
 *
 * @returns what takes the handler away again
 *
 * @example
 * ```ts
 * import { onInterrupt } from "thaw";
 *
 * const stop = new AbortController();
 * const remove = onInterrupt(() => stop.abort());
 * // … work that looks at stop.signal …
 * remove();
 * ```
 */
export function onInterrupt(handler: () => void): () => void {
  handlers.add(handler);
  return () => void handlers.delete(handler);
}

/** Whether the stop button was pressed and nothing has taken notice of it yet. */
export function interrupted(): boolean {
  return pending;
}

/**
 * Lets the kernel see to its messages for a moment; a long loop of one's own that calls it can be stopped.
 *
 * @throws DOMException named `AbortError` when the stop button was pressed
 *
 * @example
 * ```ts
 * import { breathe } from "thaw";
 *
 * for (let step = 0; step < 3; step++) {
 *   await breathe();
 * }
 * ```
 */
export async function breathe(): Promise<void> {
  // a timer, since a resolved promise alone lets no signal in
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (!pending) return;
  pending = false;
  throw new DOMException("Stopped by the stop button", "AbortError");
}
