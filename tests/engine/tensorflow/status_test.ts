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

Deno.test("a card's memory that is used up is told of as such, whichever library says so", () => {
  const advice = "The card's memory is used up: take a smaller batchSize or smaller images, compute with " +
    'usePrecision("bfloat16"), or let go of tensors that you keep; nvidia-smi shows who else uses the card';
  const messages: [number, string][] = [
    [
      8,
      "OOM when allocating tensor with shape[64,112,112,64] and type float on " +
      "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc",
    ],
    [13, "Failed to create cuDNN handle: CUDNN_STATUS_ALLOC_FAILED"],
    [13, "failed initializing StreamExecutor for CUDA device ordinal 0: CUDA_ERROR_OUT_OF_MEMORY: out of memory"],
  ];
  for (const [code, text] of messages) assertEquals(status(code, text).message, `${text}. ${advice}`);
});
