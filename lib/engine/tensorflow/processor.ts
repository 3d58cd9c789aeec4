/**
 * What TensorFlow's wheels need that this processor does not have. They would end the whole process while they are
 * loaded, so this is asked before.
 */
export function whatProcessorLacks(cpuinfo: string | undefined = readCpuinfo()): string | undefined {
  const flags = cpuinfo?.match(/^flags\s*:(.*)$/m)?.[1].split(" ");
  return flags && !flags.includes("avx") ? "AVX" : undefined;
}

function readCpuinfo(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  try {
    return Deno.readTextFileSync("/proc/cpuinfo");
  } catch {
    return undefined; // not told, so not in the way
  }
}
