const longest = 100;
/** What terminals and notebooks act upon: control characters that JSON leaves as they are, and marks that turn the text around. */
const unprintable = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A name from a file as error messages show it: in quotes, shortened, and without characters that do something when printed. */
export function quoted(name: string): string {
  const text = JSON.stringify(name.length > longest ? `${name.slice(0, longest)}…` : name);
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
