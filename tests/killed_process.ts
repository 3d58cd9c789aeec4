import { assert } from "@std/assert";

/**
 * Runs a script in a process of its own, which is killed `killAfter` ms after it has begun to say something; without, it ends
 * by itself.
 *
 * @returns the last line that it said; undefined where it was killed
 */
export async function lastWords(
  script: string,
  args: readonly string[],
  { env, killAfter }: { env?: Record<string, string>; killAfter?: number } = {},
): Promise<string | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, ...args],
    env: { THAW_QUIET: "1", ...env },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (killAfter === undefined || timer !== undefined) continue;
    timer = setTimeout(() => {
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended already */ }
    }, killAfter);
  }
  clearTimeout(timer);
  const { success, signal } = await child.status;
  assert(success || signal === "SIGKILL", `${script} failed by itself`);
  return success ? said.trim().split("\n").at(-1)! : undefined;
}
