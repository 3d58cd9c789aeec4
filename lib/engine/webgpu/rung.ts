import * as tf from "@tensorflow/tfjs";
import { type Rung, setBackend } from "../rung.ts";
import { findAdapter } from "./adapter.ts";

/** Any card that its driver shows to WebGPU: NVIDIA's, AMD's, Intel's, Apple's. */
export const webgpu: Rung = makeWebgpu(findAdapter);

/** @param find finds the adapter, or says why there is none */
export function makeWebgpu(find: typeof findAdapter): Rung {
  return {
    name: "webgpu",
    async unfit() {
      const adapter = await find();
      if (typeof adapter === "string") return adapter;
      if (!adapter.software) return undefined;
      return `no graphics card was found; ${adapter.name} computes on the processor, slower than the rungs below`;
    },
    async start() {
      const adapter = await find();
      if (typeof adapter === "string") throw new Error(adapter);
      const { startBackend } = await import("./backend.ts");
      await startBackend(adapter);
      await setBackend("webgpu");
      return {
        device: adapter.name,
        version: `tfjs-backend-webgpu ${tf.version.tfjs}`,
        threads: 1,
        gpu: !adapter.software,
        misses: [],
      };
    },
    async leave() {
      const { WebgpuBackend } = await import("./backend.ts");
      const backend = tf.findBackend("webgpu");
      if (backend instanceof WebgpuBackend) await backend.bringHome();
    },
  };
}
