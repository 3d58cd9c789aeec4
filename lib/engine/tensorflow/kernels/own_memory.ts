import type { Loan } from "../../ops/lend.ts";
import { FLOAT, registerKernel } from "./op.ts";
import { TO_FLOAT } from "./widen.ts";

/** Numbers that a file's bytes become, or that become a file's, where TensorFlow has them: both ways without a copy. */
export function registerOwnMemory(): void {
  registerKernel<{ shape: number[]; fill: (bytes: Uint8Array) => void }>(
    "ThawFilled",
    (backend, _inputs, { shape, fill }) =>
      backend.createOutputTensor({ id: backend.binding.fillTensor(shape, FLOAT, fill), shape, dtype: FLOAT }),
  );
  registerKernel<{ take: (loan: Loan) => void }>("ThawLend", (backend, { x }, { take }) => {
    const { binding } = backend;
    const [id] = backend.getInputTensorIds([x]);
    if (binding.dtype(id) === FLOAT) {
      take(binding.lendTensor(id));
      return [];
    }
    const [wide] = binding.executeOp("Cast", TO_FLOAT, [id], 1);
    take(binding.lendTensor(wide.id));
    binding.deleteTensor(wide.id);
    return [];
  });
}
