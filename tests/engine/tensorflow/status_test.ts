import { assertEquals, assertThrows } from "@std/assert";
import { cString } from "../../../lib/engine/tensorflow/c_string.ts";
import type { CApi } from "../../../lib/engine/tensorflow/capi.ts";
import { Status } from "../../../lib/engine/tensorflow/status.ts";

/** A status as TensorFlow would leave it. */
function status(code: number, message: string): Status {
  return new Status({
    TF_NewStatus: () => null,
    TF_GetCode: () => code,
    TF_Message: () => Deno.UnsafePointer.of(cString(message)),
  } as unknown as CApi);
}

Deno.test("a status that is well says nothing", () => {
  assertEquals(status(0, "").ok, true);
  status(0, "").check("Cannot run Neg");
});

Deno.test("TensorFlow's reason comes without the names of the functions that it makes around an op", () => {
  const wrapped = "{{function_node __wrapped__MatMul_device_/job:localhost/replica:0/task:0/device:CPU:0}} " +
    "In[0] ndims must be >= 2: 1 [Op:MatMul] name: ";
  assertThrows(() => status(3, wrapped).check("Cannot run MatMul"), Error);
  assertEquals(status(3, wrapped).message, "In[0] ndims must be >= 2: 1");
});

Deno.test("memory that is used up comes with what to do", () => {
  const error = assertThrows(
    () => status(8, "OOM when allocating tensor with shape[9]").check("Cannot run Fill"),
    Error,
  );
  assertEquals(
    error.message,
    "Cannot run Fill: OOM when allocating tensor with shape[9]. " +
      "Memory is used up: take smaller batches or smaller images, or let go of tensors that you keep",
  );
});
