/** A piece of HTML that is safe to put into another. Only the {@linkcode html} tag makes one. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template whose interpolated strings are escaped, so that a name like `<script>` stays a name. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.reduce((text, piece, i) => text + piece + (i < parts.length ? written(parts[i]) : ""), ""));
}

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(written).join("");
  return escaped(String(part));
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it may stand in HTML, in an attribute and in SVG: control characters, which XML forbids, are left out. */
export function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (c) => entities[c]);
}

/** Declarations as the value of a `style` attribute; those without a value are left out. */
export function css(declarations: Record<string, string | number | undefined | false>): string {
  return Object.entries(declarations).filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name}:${value}`).join(";");
}

/** An SVG as an `<img>`: untrusted notebooks strip inline `<svg>` and keep this. */
export function svgImage(svg: string, alt: string, width: number, height: number): Html {
  const style = css({ display: "inline-block", "vertical-align": "middle", "max-width": "100%", margin: "0" });
  const source = `data:image/svg+xml;base64,${base64(new TextEncoder().encode(svg))}`;
  return html`
    <img src="${source}" alt="${alt}" title="${alt}" width="${width}" height="${height}"
      style="${style}">
  `;
}

/** Bytes in base64. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
