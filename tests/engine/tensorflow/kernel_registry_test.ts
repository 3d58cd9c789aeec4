import { assert, assertEquals } from "@std/assert";
import { hasKernelFor, readKernels } from "../../../lib/engine/tensorflow/kernel_registry.ts";
import { field, message } from "./protobuf.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

/** A constraint on an element type; packed as TensorFlow writes it, or one by one. */
function constraint(name: string, types: number[], packed = true): Uint8Array {
  const list = packed ? field(6, Uint8Array.from(types)) : message(...types.map((one) => field(6, one)));
  return field(3, message(field(1, name), field(2, message(field(1, list)))));
}

function kernel(device: string, ...more: Uint8Array[]): Uint8Array {
  return field(1, message(field(1, "Op"), field(2, device), ...more));
}

const list = message(
  kernel("CPU", constraint("T", [1, 2, 14])),
  kernel("GPU", constraint("T", [1], false), constraint("Tidx", [3, 9], false), field(4, "axis"), field(4, "size")),
  kernel("DEFAULT", constraint("T", [3]), field(4, "x"), field(6, 1)),
  kernel("CPU", field(5, "MklNameChangeOp")),
);

Deno.test("kernels are read with their device, types, host memory and label", () => {
  assertEquals(readKernels(list), [
    { device: "CPU", types: { T: [1, 2, 14] }, hostMemory: [], label: "" },
    { device: "GPU", types: { T: [1], Tidx: [3, 9] }, hostMemory: ["axis", "size"], label: "" },
    { device: "DEFAULT", types: { T: [3] }, hostMemory: ["x"], label: "" },
    { device: "CPU", types: {}, hostMemory: [], label: "MklNameChangeOp" },
  ]);
});

Deno.test("a device has its own kernels and those for any, of the type that is asked for", () => {
  const kernels = readKernels(list).slice(0, 3);
  const has = (device: string) => [undefined, 1, 3, 14].map((dtype) => hasKernelFor(kernels, device, dtype));
  assertEquals(has("CPU"), [true, true, true, true]);
  assertEquals(has("GPU"), [true, true, true, false]);
  assertEquals(hasKernelFor(readKernels(list), "CPU", 8), true); // one that names no types takes any
  assertEquals(hasKernelFor([], "CPU"), false);
});

Deno.test("the binding knows what its device has kernels for", async () => {
  const { binding } = await tensorflowBackend();
  assert(binding.hasKernel("Conv2D") && binding.hasKernel("Conv2D", binding.TF_FLOAT));
  assert(!binding.hasKernel("Conv2D", binding.TF_BOOL));
  assert(!binding.hasKernel("NoSuchOp"));
  assert(binding.hasKernel("VarHandleOp", binding.TF_FLOAT)); // by the attribute dtype
});
