/**
 * The address that weights are fetched from: the given one, or, where `THAW_WEIGHTS_URL` names a mirror, the same path
 * below that. `https://host/models/a.pth` with the mirror `https://near/copy` becomes `https://near/copy/models/a.pth`;
 * a mirror may be a folder, `file:///data/weights`.
 */
export function mirrored(url: string): string {
  const mirror = Deno.env.get("THAW_WEIGHTS_URL");
  if (!mirror) return url;
  const { pathname, search } = new URL(url);
  return new URL(mirror).href.replace(/\/+$/, "") + pathname + search;
}
