const longest = 100;
/** What terminals and notebooks act upon: control characters, and marks that turn the text around. */
// deno-lint-ignore no-control-regex -- those are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A name from a file as error messages show it: in quotes, shortened, and without characters that do something when printed. */
export function quoted(name: string): string {
  return printable(JSON.stringify(name.length > longest ? `${name.slice(0, longest)}…` : name));
}

/** Text of which a file's own may be a part, without characters that do something when printed. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
