/** Steps of a measurement that leave files behind: what was broken off goes on where it was. */

/** Whether there is a file of this name. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Runs a command to its end. */
export async function run(command: string, args: string[]): Promise<void> {
  console.log(`${command.split("/").at(-1)} ${args.join(" ")}`);
  const { success } = await new Deno.Command(command, { args, stdout: "inherit", stderr: "inherit" }).spawn().status;
  if (!success) throw new Error(`Cannot go on: ${args.join(" ")} failed`);
}

/** Runs a command unless its result is there already. */
export async function step(result: string, command: string, args: string[]): Promise<void> {
  if (!await exists(result)) await run(command, args);
}
