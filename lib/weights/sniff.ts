import { quoted } from "./quoted.ts";
import { isSafetensors } from "./safetensors.ts";
import { legacyStart } from "./torch_legacy.ts";
import { readBytes, type Source } from "./source.ts";

/** What a file is, by its first bytes: one of the two formats of torch.save, safetensors, or something with a sentence about it. */
export type Format = { kind: "zip" | "legacy" | "safetensors" } | { kind: "other"; sentence: string };

const start = (...bytes: number[]) => (head: Uint8Array) => bytes.every((byte, i) => head[i] === byte);
const text = (at: number, words: string) => (head: Uint8Array) => {
  return [...words].every((character, i) => head[at + i] === character.charCodeAt(0));
};

/** Files that people try to load, in the order in which they are looked for. */
const others: readonly [(head: Uint8Array) => boolean, string][] = [
  [(head) => head.length === 0, "the file is empty: fetch it again"],
  [
    text(0, "version https://git-lfs"),
    'this is a Git LFS pointer, not the file it stands for: run "git lfs pull" in its repository',
  ],
  [text(0, "\x89HDF\r\n\x1a\n"), "this is an HDF5 file (Keras weights?): expected a checkpoint of torch.save"],
  [start(0x1f, 0x8b), "this is a gzip file: unpack it first (gunzip, or tar xzf)"],
  [text(0, "BZh"), "this is a bzip2 file: unpack it first"],
  [start(0xfd, 0x37, 0x7a, 0x58, 0x5a), "this is an xz file: unpack it first"],
  [start(0x28, 0xb5, 0x2f, 0xfd), "this is a zstd file: unpack it first"],
  [start(0x37, 0x7a, 0xbc, 0xaf), "this is a 7z archive: unpack it first"],
  [text(0, "Rar!"), "this is a RAR archive: unpack it first"],
  [text(0, "GGUF"), "this is a GGUF file: expected a checkpoint of torch.save"],
  [text(0, "\x93NUMPY"), "this is a numpy array (.npy): expected a checkpoint of torch.save"],
  [
    text(257, "ustar"),
    "this is a tar archive: unpack it first (a checkpoint of PyTorch before 0.2 must be saved anew in Python)",
  ],
  [
    isHtml,
    "this is a web page, not a checkpoint: a download that answered with an error page, perhaps; fetch it again",
  ],
  [
    isPickle,
    "this is a Python pickle, but not one of torch.save: save the tensors with torch.save(model.state_dict(), path)",
  ],
  [isOnnx, "this looks like an ONNX model: expected a checkpoint of torch.save"],
  [isText, "this is a text file: expected a checkpoint of torch.save"],
];

/** Looks at a file's first bytes. */
export function sniff(source: Source): Format {
  const head = readBytes(source, 0, Math.min(source.size, 512));
  if (text(0, "PK\x03\x04")(head) || text(0, "PK\x05\x06")(head)) return { kind: "zip" };
  if (isLegacy(head)) return { kind: "legacy" };
  if (isSafetensors(head)) return { kind: "safetensors" };
  for (const [matches, sentence] of others) if (matches(head)) return { kind: "other", sentence };
  const bytes = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return { kind: "other", sentence: `expected a checkpoint of torch.save, found a file that begins with ${bytes}` };
}

/** What a zip file is that has no `data.pkl`, by the names in it. */
export function describeZip(names: readonly string[]): string {
  if (names.length === 0) return "this is an empty zip file: expected a checkpoint of torch.save";
  if (names.some((name) => name.endsWith("/constants.pkl"))) {
    return "this is a TorchScript program (torch.jit.save): save the model's state dict in Python";
  }
  if (names.every((name) => name.endsWith(".npy"))) return "this is a numpy archive (.npz): expected torch.save's";
  if (names.includes("model.weights.h5")) return "this is a Keras model (.keras): expected a checkpoint of torch.save";
  const checkpoint = names.find((name) => /\.(pth|pt|pkl|bin|ckpt)$/.test(name));
  const hint = checkpoint ? `: unpack it and load ${quoted(checkpoint)}` : ": expected a checkpoint of torch.save";
  return `this is a zip file of ${names.length} other files${hint}`;
}

/** The magic number's pickle, of whatever protocol; cut files may end within it. */
function isLegacy(head: Uint8Array): boolean {
  if (head.length < 2 || head[0] !== 0x80) return false;
  const at = head[2] === 0x95 ? 11 : 2; // protocol 4 puts a frame around it
  const rest = head.subarray(at, at + legacyStart.length);
  return rest.length > 0 && rest.every((byte, i) => byte === legacyStart[i]);
}

function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1] <= 5;
}

function isOnnx(head: Uint8Array): boolean {
  return head[0] === 0x08 && head[1] < 32 && head[2] === 0x12;
}

function isHtml(head: Uint8Array): boolean {
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(new TextDecoder().decode(head));
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 32 && byte < 127 || byte === 9 || byte === 10 || byte === 13);
}
