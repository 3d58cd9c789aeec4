/**
 * Deno's Jupyter kernel as a display needs it: whether this process is one, a message to its front end, and the pause
 * after which the message has left.
 *
 * @module
 */
import { pngScale } from "./png.ts";

/** The part of `Deno.jupyter` that displays use. */
export interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>, extra?: Record<string, unknown>): Promise<void>;
}

let another: Jupyter | undefined;

/** Has displays go to another kernel than this process's, as tests do; undefined gives them back. */
export function useKernel(kernel: Jupyter | undefined): void {
  another = kernel;
}

/** The kernel's side of `Deno.jupyter`, or undefined in any other process (where even asking for its type throws). */
export function jupyter(): Jupyter | undefined {
  if (another) return another;
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
 * Sends a mime bundle to the notebook; it leaves at once, even in the middle of a synchronous computation.
 *
 * @param id names the display, so that it can be updated
 * @param update whether it takes the place of the display of that name rather than a place of its own
 */
export function broadcast(kernel: Jupyter, data: Record<string, unknown>, id?: string, update = false): Promise<void> {
  return kernel.broadcast(update ? "update_display_data" : "display_data", {
    data,
    metadata: metadata(data),
    transient: id === undefined ? {} : { display_id: id },
  });
}

/**
 * Waits until messages broadcast so far have left the kernel. Without it a cell's output may follow the cell's `idle`
 * status, after which notebook clients drop it or show it below the next cell.
 */
export function flush(milliseconds = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Pictures have more pixels than they are shown with: a PNG's size is in its header. */
function metadata(data: Record<string, unknown>): Record<string, unknown> {
  const png = data["image/png"];
  if (typeof png !== "string") return {};
  const header = Uint8Array.from(atob(png.slice(0, 32)), (letter) => letter.charCodeAt(0));
  const size = new DataView(header.buffer);
  return { "image/png": { width: size.getUint32(16) / pngScale, height: size.getUint32(20) / pngScale } };
}
