/** Runs with environment variables set, or unset where undefined, and puts back what there was. */
export async function withEnvironment<T>(
  variables: Record<string, string | undefined>,
  run: () => T | Promise<T>,
): Promise<T> {
  const put = ([name, value]: [string, string | undefined]) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  const before = Object.keys(variables).map((name): [string, string | undefined] => [name, Deno.env.get(name)]);
  Object.entries(variables).forEach(put);
  try {
    return await run();
  } finally {
    before.forEach(put);
  }
}
