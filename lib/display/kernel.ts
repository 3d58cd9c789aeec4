/**
 * Deno's Jupyter kernel as a display needs it: whether this process is one, a message to its front end, and the pause
 * after which the message has left.
 *
 * @module
 */

/** The part of `Deno.jupyter` that displays use. */
export interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>, extra?: Record<string, unknown>): Promise<void>;
}

/** The kernel's side of `Deno.jupyter`, or undefined in any other process (where even asking for its type throws). */
export function jupyter(): Jupyter | undefined {
  try {
    return (Deno as unknown as { jupyter?: Jupyter }).jupyter;
  } catch {
    return undefined;
  }
}

/** Whether this process is a Jupyter kernel. */
export function inKernel(): boolean {
  return jupyter() !== undefined;
}

/**
 * Waits until messages broadcast so far have left the kernel. Without it a cell's output may follow the cell's `idle`
 * status, after which notebook clients drop it or show it below the next cell.
 */
export function flush(milliseconds = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
