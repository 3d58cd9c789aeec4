/**
 * A whole number from an environment variable; undefined where it is not set.
 *
 * @param what what it counts, for the error's text
 * @throws RangeError when it holds something else
 */
export function wholeNumber(name: string, what: string, least: number): number | undefined {
  const text = Deno.env.get(name)?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`Cannot use ${name}: expected ${what}, a whole number from ${least}, found "${text}"`);
}
