/**
 * The part of @std/assert that the tests use, over node:assert, for machines that cannot reach JSR.
 * deno.json's `links` puts it in place of `jsr:@std/assert`; take that line out and the real one is used.
 */
import { AssertionError, deepStrictEqual, notDeepStrictEqual } from "node:assert";

export { AssertionError };

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message = ""): asserts value {
  if (!value) {
    throw new AssertionError({ message: message || "Expected a truthy value", actual: value, expected: true });
  }
}

// `message!`: @types/node, which npm packages bring along, wants a message that is there; node takes undefined.

/** Fails unless both are deeply and strictly equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  deepStrictEqual(actual, expected, message!);
}

/** Fails when both are deeply and strictly equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  notDeepStrictEqual(actual, expected, message!);
}

/** Fails unless both are the same value (Object.is). */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  if (!Object.is(actual, expected)) {
    throw new AssertionError({ message: message ?? "Expected the same value", actual, expected });
  }
}

/** Fails unless the two numbers differ by no more than `tolerance`. */
export function assertAlmostEquals(actual: number, expected: number, tolerance = 1e-7, message = ""): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  throw new AssertionError({
    message: `${message && message + ": "}expected ${expected} ± ${tolerance}, found ${actual}`,
    actual,
    expected,
  });
}

/** Fails unless `value` is an instance of `type`. */
export function assertInstanceOf<T>(
  value: unknown,
  // deno-lint-ignore no-explicit-any
  type: abstract new (...args: any[]) => T,
  message?: string,
): asserts value is T {
  if (!(value instanceof type)) {
    throw new AssertionError({ message: message ?? `Expected an instance of ${type.name}, found ${value}` });
  }
}

/** Fails when `value` is null or undefined. */
export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T> {
  assert(value !== null && value !== undefined, message ?? "Expected a value that is neither null nor undefined");
}

/** Fails unless `text` matches `pattern`. */
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  assert(pattern.test(text), message ?? `Expected a match of ${pattern} in: ${text}`);
}

/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string, message?: string): void {
  assert(text.includes(part), message ?? `Expected ${JSON.stringify(part)} in: ${text}`);
}

/** Fails unless `value > than`. */
export function assertGreater<T>(value: T, than: T, message?: string): void {
  assert(value > than, message ?? `Expected ${value} > ${than}`);
}

/** Fails unless `value >= than`. */
export function assertGreaterOrEqual<T>(value: T, than: T, message?: string): void {
  assert(value >= than, message ?? `Expected ${value} >= ${than}`);
}

/** Fails unless `value < than`. */
export function assertLess<T>(value: T, than: T, message?: string): void {
  assert(value < than, message ?? `Expected ${value} < ${than}`);
}

/** Fails unless `value <= than`. */
export function assertLessOrEqual<T>(value: T, than: T, message?: string): void {
  assert(value <= than, message ?? `Expected ${value} <= ${than}`);
}

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

function checkError<E extends Error>(error: unknown, type?: ErrorClass<E>, includes?: string): E {
  if (!(error instanceof Error)) {
    throw new AssertionError({ message: `Expected an Error to be thrown, found ${error}` });
  }
  if (type && !(error instanceof type)) {
    throw new AssertionError({ message: `Expected a ${type.name}, found ${error.name}: ${error.message}` });
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error as E;
}

/** Fails unless `run` throws an error of that class whose message includes the text; returns the error. */
export function assertThrows<E extends Error = Error>(run: () => unknown, type?: ErrorClass<E>, includes?: string): E {
  try {
    run();
  } catch (error) {
    return checkError(error, type, includes);
  }
  throw new AssertionError({ message: "Expected the function to throw" });
}

/** Fails unless the promise that `run` gives rejects with such an error; returns the error. */
export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  type?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return checkError(error, type, includes);
  }
  throw new AssertionError({ message: "Expected the promise to reject" });
}
