/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/**
 * A setting as plain data, to be kept, compared and written: a function becomes its name, an object of a class the class's
 * name with its plain fields, long arrays the first numbers and their count. Nothing that it refers to is held on to.
 */
export function plainValue(value: unknown, depth = 0): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "function") return value.name || "a function";
  if (typeof value !== "object" || depth > 3) return String(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as unknown as ArrayLike<unknown>, (one) => plainValue(one, depth + 1));
    return items.length <= 1000 ? items : [...items.slice(0, 8), `… ${items.length} in all`];
  }
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
    .map(([name, one]) => [name, plainValue(one, depth + 1)] as const);
  const type = value.constructor?.name ?? "Object";
  return Object.fromEntries(type === "Object" ? fields : [["type", type], ...fields]);
}

/** A plain value as people read it: `resize 128, crop 128`. */
export function plainText(value: Plain | undefined): string {
  if (value === undefined || value === null) return "–";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(plainText).join(", ");
  return Object.entries(value).map(([name, one]) =>
    name === "type" ? plainText(one) : `${words(name)} ${plainText(one)}`
  )
    .join(", ");
}

/** A property's name as words: `batchSize` is `batch size`. */
export function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
}
