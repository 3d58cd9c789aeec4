/** A value as an error names it; a promise with the question that it raises. */
export function describeValue(value: unknown): string {
  if (value instanceof Promise || typeof (value as PromiseLike<unknown> | undefined)?.then === "function") {
    return "a promise; did you forget await?";
  }
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return !name || name === "Object" ? "a plain object" : `a value of class ${name}`;
}
