/**
 * The first key that a JSON object has twice, at its outermost level; undefined where there is none. JSON.parse takes the last
 * and forgets the others, by which a file could show one thing to one reader and another to the next.
 *
 * @param text valid JSON of an object
 */
export function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // A string (with a colon behind it where it is a key) or a bracket; everything else says nothing about keys.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/gs)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon) {
      const key = JSON.parse(string);
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
