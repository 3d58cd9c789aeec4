/** What a piece of work took. */
export interface Measured {
  seconds: number;
  /** The most memory that the process held at once, beyond what it held before (Linux's VmHWM and VmRSS). */
  peakBytes: number;
  /** What it holds in the end beyond that. */
  keptBytes: number;
}

const status = async (field: string) =>
  Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(await Deno.readTextFile("/proc/self/status"))![1]) * 1024;

/** Runs the work once. torch_loading.py counts in the same way. */
export async function measured(work: () => Promise<unknown>): Promise<Measured> {
  await Deno.writeTextFile("/proc/self/clear_refs", "5"); // the peak begins anew
  const before = await status("VmRSS");
  const start = performance.now();
  const made = await work();
  const seconds = (performance.now() - start) / 1000;
  const [peak, after] = [await status("VmHWM"), await status("VmRSS")];
  await Promise.resolve(made); // held until here
  return { seconds, peakBytes: peak - before, keptBytes: after - before };
}
