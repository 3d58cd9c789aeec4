/**
 * TensorFlow's ConfigProto (config.proto), encoded as protocol buffers are.
 *
 * @param threads how many threads one op may use; TensorFlow's own choice, one for each processor, without it
 * @param gpu whether a GPU may be used where there is one
 */
export function sessionConfig(threads?: number, gpu = true): Uint8Array<ArrayBuffer> {
  // gpu_options (6) { allow_growth (4): true }: other kernels on the same GPU want memory, too.
  const config = [0x32, 2, 0x20, 1];
  // device_count (1), a map: { key (1): "GPU", value (2): 0 }
  if (!gpu) config.push(0x0a, 7, 0x0a, 3, ...new TextEncoder().encode("GPU"), 0x10, 0);
  if (threads !== undefined) config.push(0x10, ...varint(threads)); // intra_op_parallelism_threads (2)
  return Uint8Array.from(config);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}
