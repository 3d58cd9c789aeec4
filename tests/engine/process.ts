/** How another process of thaw ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/**
 * Runs TypeScript in a process of its own, from the root of the checkout.
 *
 * @param env added to the environment; undefined takes a variable out of it
 */
export async function runThaw(code: string, env: Record<string, string | undefined> = {}): Promise<Ended> {
  const variables = { ...Deno.env.toObject(), NO_COLOR: "1", ...env };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-"],
    cwd: new URL("../..", import.meta.url),
    clearEnv: true,
    env: Object.fromEntries(
      Object.entries(variables).filter((pair): pair is [string, string] => pair[1] !== undefined),
    ),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const output = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code: output.code, out: text(output.stdout), err: text(output.stderr) };
}
