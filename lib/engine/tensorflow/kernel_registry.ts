import { cString } from "./c_string.ts";
import type { CApi } from "./capi.ts";
import { readFields, readNumbers, readText } from "./protobuf.ts";
import type { Status } from "./status.ts";

/** One kernel that a build of TensorFlow has for an op, whether the device is there or not (kernel_def.proto). */
export interface RegisteredKernel {
  /** `CPU`, `GPU`, or `DEFAULT`, which stands in on any device that has none of its own. */
  device: string;
  /** The element types (TF_DataType) that it takes, by the attribute that names one; any where an attribute is not here. */
  types: Record<string, number[]>;
  /** Inputs and outputs that lie in main memory whatever the device is, by their names in the op's definition. */
  hostMemory: string[];
  /** What an op's attribute `_kernel` must say to get it; empty for most. */
  label: string;
}

/** The kernels that a build has for an op: none where it does not know the op. */
export function registeredKernels(api: CApi, status: Status, op: string): RegisteredKernel[] {
  const buffer = api.TF_GetRegisteredKernelsForOp(cString(op), status.pointer);
  status.check(`Cannot list the kernels of ${op}`);
  try {
    return readKernels(bufferBytes(buffer));
  } finally {
    api.TF_DeleteBuffer(buffer);
  }
}

/** The bytes of a TF_Buffer, as long as nobody deletes it. */
export function bufferBytes(buffer: Deno.PointerValue): Uint8Array {
  const view = new Deno.UnsafePointerView(buffer as Deno.PointerObject);
  const [data, length] = [view.getPointer(0), Number(view.getBigUint64(8))];
  return data === null ? new Uint8Array() : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length));
}

/** Kernels from an encoded KernelList. */
export function readKernels(list: Uint8Array): RegisteredKernel[] {
  return [...readFields(list)].map(({ value }) => readKernel(value as Uint8Array));
}

/**
 * Whether an op runs on a device by a kernel of that device.
 *
 * @param device `CPU` or `GPU`
 * @param dtype the element type that it is to work on (TF_DataType); any unless given
 */
export function hasKernelFor(kernels: readonly RegisteredKernel[], device: string, dtype?: number): boolean {
  return kernels.some((kernel) => {
    if (kernel.device !== device && kernel.device !== "DEFAULT") return false;
    const types = kernel.types.T ?? kernel.types.dtype;
    return dtype === undefined || types === undefined || types.includes(dtype);
  });
}

function readKernel(bytes: Uint8Array): RegisteredKernel {
  const kernel: RegisteredKernel = { device: "", types: {}, hostMemory: [], label: "" };
  for (const { number, value } of readFields(bytes)) {
    if (number === 2) kernel.device = readText(value);
    else if (number === 3) Object.assign(kernel.types, readConstraint(value as Uint8Array));
    else if (number === 4) kernel.hostMemory.push(readText(value));
    else if (number === 5) kernel.label = readText(value);
  }
  return kernel;
}

/** AttrConstraint { name (1), allowed_values (2): AttrValue { list (1) { type (6) } } }: what it says of types. */
function readConstraint(bytes: Uint8Array): Record<string, number[]> {
  const fields = [...readFields(bytes)];
  const name = fields.find(({ number }) => number === 1);
  const allowed = fields.find(({ number }) => number === 2);
  const types = within(within([...(allowed ? [allowed.value as Uint8Array] : [])], 1), 6);
  return name && types.length > 0 ? { [readText(name.value)]: types.flatMap(readNumbers) } : {};

  function within(messages: (number | Uint8Array)[], wanted: number): (number | Uint8Array)[] {
    return messages.flatMap((message) =>
      [...readFields(message as Uint8Array)].filter(({ number }) => number === wanted).map(({ value }) => value)
    );
  }
}
