/** What a command printed and how it ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with each line of stderr as it comes. */
  onErrorLine?: (line: string) => void;
  /** When aborted, closes the command's stdin, which ends a tethered one. */
  signal?: AbortSignal;
  /** Called with each line of stdout as it comes. */
  onLine?: (line: string) => void;
}

/**
 * Runs a command to its end and keeps what it printed. Its stdin is a pipe that closes when this process ends, however
 * it ends: `tools/tether.py` makes Python programs stop then.
 *
 * @throws Deno.errors.NotFound when there is no such command
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: options.cwd,
    env: options.env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const close = () => child.stdin.close().catch(() => {}); // the other end may be gone already
  options.signal?.addEventListener("abort", close);
  const [stdout, stderr, status] = await Promise.all([
    readLines(child.stdout, options.onLine),
    readLines(child.stderr, options.onErrorLine),
    child.status,
  ]);
  options.signal?.removeEventListener("abort", close);
  await close();
  return { code: status.code, stdout, stderr };
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine?: (line: string) => void): Promise<string> {
  let all = "";
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    all += text;
    if (!onLine) continue;
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (onLine && rest) onLine(rest);
  return all;
}

/** The last lines of an output, for an error message. */
export function tail(text: string, lines = 6): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/** True when there is something at `path` (a dangling link is nothing). */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Removes a file or folder with all below it, if there is one. */
export async function removeAll(path: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (attempt === 10) throw error;
      await new Promise((done) => setTimeout(done, 200)); // a killed run's last process may still be writing there
    }
  }
}
