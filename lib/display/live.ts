import { flush, jupyter } from "./kernel.ts";
import { notebookScreen } from "./live_notebook.ts";
import { terminalScreen } from "./live_terminal.ts";
import type { Spec } from "./spec.ts";

/** Where a live display is drawn. */
export interface Screen {
  /** The shortest time between two drawings, in milliseconds. */
  readonly interval: number;
  /** Draws at once. */
  draw(spec: Spec): void;
  /** Draws the last state, with all that took too long for those before it, and waits until it has left. */
  finish(spec: Spec): Promise<void>;
}

/**
 * A display that changes in place while a computation goes on.
 *
 * Updates may come as fast as they like: no more than about four a second are drawn, and always the last one.
 */
export class LiveDisplay {
  #screen: Screen;
  #spec: Spec;
  #drawn = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** Draws `spec` at once, so that the display has its place under the cell that made it. */
  constructor(spec: Spec, screen: Screen) {
    this.#screen = screen;
    this.#spec = spec;
    this.#draw();
  }

  /** Shows another spec in place of the last one, now or as soon as the next drawing is due. */
  update(spec: Spec): void {
    if (this.#ended) return;
    this.#spec = spec;
    const wait = this.#drawn + this.#screen.interval - performance.now();
    if (wait <= 0) this.#draw();
    // a computation that never yields lets no timer run; its next update finds that the time has come
    else this.#timer ??= setTimeout(() => this.#draw(), wait);
  }

  /** Shows another spec in place of the last one, whether or not a drawing is due: for what must not be missed. */
  show(spec: Spec): void {
    if (this.#ended) return;
    this.#spec = spec;
    this.#draw();
  }

  /** Shows the last state, given here or by the last update, and waits until the notebook has it. */
  async end(spec: Spec = this.#spec): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#screen.finish(spec);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = performance.now();
    this.#screen.draw(this.#spec);
  }
}

/**
 * Shows a spec that will change: in a notebook a display under the cell, elsewhere the spec's progress as a line on
 * stderr, which `THAW_QUIET=1` silences.
 *
 * @example
 * ```ts
 * import { live } from "thaw";
 *
 * const display = live({ kind: "progress", label: "counting", fraction: 0 });
 * for (let i = 1; i <= 10; i++) display.update({ kind: "progress", label: "counting", fraction: i / 10 });
 * await display.end();
 * ```
 */
export function live(spec: Spec): LiveDisplay {
  const kernel = jupyter();
  return new LiveDisplay(spec, kernel ? notebookScreen(kernel, flush) : terminalScreen());
}
