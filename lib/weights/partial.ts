/**
 * A file that is being downloaded: `NAME.part`, and beside it `NAME.part.json`, which says what it is a part of, so that
 * a later attempt, or a later process, goes on where this one stopped.
 */
export interface Partial {
  readonly path: string;
  /** Bytes that are there. */
  readonly size: number;
  /** The ETag or the date of the file on the server: what must still be the same for the rest to fit. */
  readonly validator?: string;
}

interface Note {
  url: string;
  validator?: string;
}

/** What an earlier attempt at this address has left; of size 0 where there is nothing to go on from. */
export async function findPartial(path: string, url: string): Promise<Partial> {
  try {
    const note: Note = JSON.parse(await Deno.readTextFile(`${path}.json`));
    const { size } = await Deno.stat(path);
    if (note.url === url) return { path, size, validator: note.validator };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof SyntaxError)) throw error;
  }
  return { path, size: 0 };
}

/** Notes what the part will be a part of. */
export async function notePartial(path: string, note: Note): Promise<void> {
  await Deno.writeTextFile(`${path}.json`, JSON.stringify(note));
}

/** Removes the part and its note. */
export async function removePartial(path: string): Promise<void> {
  for (const file of [path, `${path}.json`]) await Deno.remove(file).catch(() => {});
}

/** A validator that may be sent with If-Range: a strong ETag, or else the date. */
export function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  if (tag && !tag.startsWith("W/")) return tag;
  return headers.get("last-modified") ?? undefined;
}
