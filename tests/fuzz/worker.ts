/**
 * A process in which files are opened that may be its end: `worker.ts SEED FOLDER`. For each number on a line of standard input it
 * makes that file and says "made", and at the next line opens it and says what became of it. It may read the project and its
 * environment and write in FOLDER, and nothing else.
 */
import { fileMaker } from "./files.ts";
import { linesOf } from "./lines.ts";
import { outcomeOf } from "./outcome.ts";

const fileFrom = 1 << 20; // bytes from which lib/weights leaves a file on the disk
const tidyFrom = 1 << 27; // bytes in use; beyond, what files left behind is collected before the next one

const [seed, folder] = Deno.args;
const make = await fileMaker(Number(seed));
const lines = linesOf(Deno.stdin.readable);
say({ ready: true });

while (true) {
  const { value: line, done } = await lines.next();
  if (done) break;
  const { format, mutation, seed, bytes } = make(Number(line));
  const { heapUsed, external } = Deno.memoryUsage();
  if (heapUsed + external > tidyFrom) (globalThis as { gc?: () => void }).gc?.();
  const path = bytes.length >= fileFrom ? `${folder}/${line}` : undefined;
  if (path) await Deno.writeFile(path, bytes);
  say({ made: { format, mutation, seed, bytes: bytes.length } });
  await lines.next();
  say({ outcome: await outcomeOf(path ?? bytes) });
}

function say(value: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
