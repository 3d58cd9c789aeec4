import { resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";

/** Whether this is a URL and no path; `C:\` is a path. */
function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}

/** A path that holds in any folder; URLs stay as they are. */
export function resolve(pathOrUrl: string): string {
  return isUrl(pathOrUrl) ? pathOrUrl : resolvePath(pathOrUrl);
}

/** A module's URL, from a URL or a path. */
export function toFileUrl(pathOrUrl: string): string {
  return isUrl(pathOrUrl) ? pathOrUrl : pathToFileURL(resolvePath(pathOrUrl)).href;
}
