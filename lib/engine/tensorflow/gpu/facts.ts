import { dirname } from "node:path";
import type { RungFacts } from "../../rung.ts";
import type { Library } from "../library.ts";
import { type Card, type Driver, isAtHand, MANAGEMENT } from "./driver.ts";
import { readManifest } from "./manifest.ts";
import { libraryVersions } from "./versions.ts";

/**
 * What can be told of the card that computes, or why none does.
 *
 * @param used whether TensorFlow computes on a GPU
 * @param failure why it could not start one
 * @param has whether a library can be opened here
 */
export function cardFacts(
  driver: Driver | string,
  used: boolean,
  library: Library,
  failure?: string,
  has: (library: string) => boolean = isAtHand,
): Pick<RungFacts, "card" | "cuda" | "noCard"> {
  if (typeof driver === "string") return used ? {} : { noCard: driver };
  const [card] = driver.cards; // TensorFlow's GPU:0
  if (used) return { card, cuda: { driver: driver.cuda, ...libraryVersions() } };
  return { noCard: `there is a card, ${card.name}, that does not compute: ${failure ?? whyIdle(library, has)}` };
}

function whyIdle(library: Library, has: (library: string) => boolean): string {
  const manifest = readManifest(dirname(library.main));
  if (!manifest && !library.preload) {
    return "this TensorFlow is for CPUs only; `deno task setup --gpu` brings one for the card";
  }
  const build = manifest
    ? `TensorFlow ${manifest.tensorflow} for CUDA ${manifest.cuda}`
    : `${library.place}'s TensorFlow`;
  if (!has(MANAGEMENT)) {
    return `${build} needs ${MANAGEMENT} of NVIDIA's driver, which was not found; for a container ` +
      "NVIDIA_DRIVER_CAPABILITIES has to have utility beside compute";
  }
  return `${build} found no use for it; with TF_CPP_MIN_LOG_LEVEL=0 in the environment it says why`;
}

/** Whether a card multiplies bfloat16: those from compute capability 8.0 on do; one that is not known is taken for new. */
export function multipliesBfloat16(card?: Card): boolean {
  return card === undefined || Number.parseFloat(card.computeCapability) >= 8;
}
