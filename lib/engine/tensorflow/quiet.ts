import { cString } from "./c_string.ts";

/**
 * Loads something without its log lines on stderr: while TensorFlow is loaded it logs before it has read
 * `TF_CPP_MIN_LOG_LEVEL`. What is logged then goes to a file, and of that file only what this variable lets through
 * reaches stderr.
 *
 * @param level what is let through, where it is not what the variable says: 4 is nothing
 */
export function withoutLogLines<T>(load: () => T, level = Number(Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? 0)): T {
  if (Deno.build.os === "windows" || level === 0) return load();
  const libc = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
    creat: { parameters: ["buffer", "u32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const STDERR = 2;
  const { creat, dup, dup2, close } = libc.symbols;
  const path = Deno.makeTempFileSync();
  const file = creat(cString(path), 0o600);
  const stderr = dup(STDERR);
  dup2(file, STDERR);
  try {
    return load();
  } finally {
    dup2(stderr, STDERR);
    close(stderr);
    close(file);
    libc.close();
    const kept = loudLines(Deno.readTextFileSync(path), level);
    Deno.removeSync(path);
    if (kept) Deno.stderr.writeSync(new TextEncoder().encode(kept));
  }
}

/**
 * The lines of a log that are at or above a level: 0 keeps information, 1 warnings, 2 errors, 3 fatal errors.
 * A line of TensorFlow's begins with its severity and the date: `I0000 00:00:1795471008.980630 …`.
 */
export function loudLines(log: string, level: number): string {
  const preamble = /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR\n/;
  return log.replace(preamble, "").replace(/^([IWEF])\d{4} .*\n?/gm, (line, severity: string) => {
    return "IWEF".indexOf(severity) < level ? "" : line;
  });
}
