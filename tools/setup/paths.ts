import { fileURLToPath } from "node:url";

/** The folder that deno.json is in. */
export const PROJECT: string = fileURLToPath(new URL("../../", import.meta.url));
