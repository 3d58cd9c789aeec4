/** Starts webgpu beside the engines that tests know, where there is an adapter; Mesa's, on the processor, is one as well. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { useEngine } from "../../../lib/engine/mod.ts";
import { findAdapter } from "../../../lib/engine/webgpu/adapter.ts";
import { WebgpuBackend } from "../../../lib/engine/webgpu/backend.ts";
import { engines } from "../../engine_for_tests.ts";

const adapter = await findAdapter();

/** Why there is nothing to test; undefined where there is. */
export const missing: string | undefined = typeof adapter === "string" ? adapter : undefined;

/** The backend that tests look into. */
export function webgpu(): WebgpuBackend {
  const backend = tf.backend();
  if (backend instanceof WebgpuBackend) return backend;
  throw new Error(`expected webgpu to compute, found ${tf.getBackend()}`);
}

/** A test that computes on webgpu and leaves no tensors behind; left out where there is no adapter, which its name tells. */
export function onWebgpu(name: string, run: () => void | Promise<void>): void {
  Deno.test({
    name: missing ? `${name} (left out: ${missing})` : name,
    ignore: missing !== undefined,
    async fn() {
      await useEngine("webgpu");
      const before = tf.memory().numTensors;
      try {
        await run();
        assertEquals(tf.memory().numTensors - before, 0, "tensors left behind");
      } finally {
        await useEngine(engines[0]);
      }
    },
  });
}
