import { fromCString } from "./c_string.ts";
import type { CApi } from "./capi.ts";
import type { Status } from "./status.ts";

/** TensorFlow's eager runtime: where its ops run. */
export interface Context {
  pointer: Deno.PointerValue;
  /** The full name of the device that tensors are put on, such as `/job:localhost/replica:0/task:0/device:CPU:0`. */
  device: string;
  isGpu: boolean;
  /** Whether tensors of values have to be brought there: the device is another one than that of main memory. */
  isApart: boolean;
}

/**
 * Starts the eager runtime.
 *
 * @param config a ConfigProto, encoded; see `sessionConfig`
 * @param wanted the device that is to compute, such as `GPU:1`; the first GPU, or else the CPU, unless given
 * @throws Error with TensorFlow's reason
 */
export function startContext(
  api: CApi,
  status: Status,
  config: Uint8Array<ArrayBuffer>,
  wanted?: string,
): Context {
  const options = api.TFE_NewContextOptions();
  api.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status.pointer);
  status.check("Cannot configure TensorFlow");
  const pointer = api.TFE_NewContext(options, status.pointer);
  status.check("Cannot start TensorFlow");
  api.TFE_DeleteContextOptions(options);
  const devices = listDevices(api, status, pointer);
  const device = wanted
    ? devices.find(({ name }) => name.endsWith(`:${wanted}`))
    : devices.find(({ type }) => type === "GPU") ?? devices.find(({ type }) => type === "CPU");
  if (!device) {
    const found = devices.map(({ name }) => name).join(", ") || "none";
    throw new Error(
      `Cannot start TensorFlow: expected ${wanted ?? "a CPU or a GPU"} among its devices, found ${found}`,
    );
  }
  const host = devices.find(({ type }) => type === "CPU");
  return { pointer, device: device.name, isGpu: device.type === "GPU", isApart: device !== host };
}

function listDevices(api: CApi, status: Status, context: Deno.PointerValue): { name: string; type: string }[] {
  const list = api.TFE_ContextListDevices(context, status.pointer);
  status.check("Cannot list TensorFlow's devices");
  const devices = Array.from({ length: api.TF_DeviceListCount(list) }, (_, i) => ({
    name: fromCString(api.TF_DeviceListName(list, i, status.pointer)),
    type: fromCString(api.TF_DeviceListType(list, i, status.pointer)),
  }));
  api.TF_DeleteDeviceList(list);
  return devices;
}
