/**
 * thaw: the transfer-learning workbench for Deno's Jupyter kernel.
 *
 * @module
 */
export { cacheDir } from "./lib/engine/cache.ts";
