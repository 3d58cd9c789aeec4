import util from "node:util";

// tfjs-node's backend calls two functions that newer versions of Node, and Deno, no longer have
// (https://github.com/tensorflow/tfjs/issues/8609). It takes them from the module's default export.
const missing = util as unknown as Record<string, unknown>;
missing.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
missing.isArray ??= Array.isArray;
