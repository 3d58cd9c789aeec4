/** Loads each checkpoint and saves it again: `copy.ts FROM TO [FROM TO …]`. Run by interop.py. */
import { load, save } from "thaw";

for (let i = 0; i < Deno.args.length; i += 2) await save(await load(Deno.args[i]), Deno.args[i + 1]);
