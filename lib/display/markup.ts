/** A piece of HTML that is safe to put into another. Only {@linkcode element} makes one. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What an element may contain: words are escaped, so that a name like `<script>` stays a name. */
export type Child = Markup | string | number | null | undefined | false | readonly Child[];

/** The declarations of a `style` attribute; those that are undefined are left out. */
export type Style = Readonly<Record<string, string | undefined>>;

/** An element's attributes; `true` stands for one without a value, undefined and `false` for none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const withoutContent = new Set(["img", "col", "br"]);

/** An element, its style, its other attributes, and what it contains. */
export function element(name: string, style: Style = {}, attributes: Attributes = {}, ...children: Child[]): Markup {
  const declarations = Object.entries(style).filter(([, value]) => value !== undefined);
  const css = declarations.map(([property, value]) => `${property}:${value}`).join(";");
  const given: Attributes = { ...attributes, style: css || undefined };
  const all = Object.entries(given).map(([key, value]) => {
    if (value === undefined || value === false) return "";
    return value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`;
  }).join("");
  return new Markup(withoutContent.has(name) ? `<${name}${all}>` : `<${name}${all}>${written(children)}</${name}>`);
}

function written(child: Child): string {
  if (child === null || child === undefined || child === false) return "";
  if (child instanceof Markup) return child.text;
  return Array.isArray(child) ? child.map(written).join("") : escaped(String(child));
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it may stand in HTML, in an attribute and in SVG: control characters, which XML forbids, are left out. */
export function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"']/g, (c) => entities[c]);
}

/** An SVG as an `<img>`: untrusted notebooks strip inline `<svg>` and keep this. */
export function svgImage(svg: string, alt: string, width: number, height: number): Markup {
  const style = { display: "inline-block", "vertical-align": "middle", "max-width": "100%", margin: "0" };
  const src = `data:image/svg+xml;base64,${base64(new TextEncoder().encode(svg))}`;
  return element("img", style, { src, alt, title: alt, width, height });
}

/** Bytes in base64. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
