/** Every trial draws from a seed of its own. */
export { withSeed } from "../../engine/random.ts";
