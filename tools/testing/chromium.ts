import { join } from "node:path";
import { exists } from "../setup/process.ts";

/** The tests that need one. */
export const BROWSER_TESTS = "tests/browser";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];
const ELSEWHERE = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** What to do where there is no Chromium. */
export const NO_CHROMIUM =
  "Cannot run the browser suite: expected Chromium or Chrome on PATH, or its path in THAW_CHROMIUM, found none. " +
  "Install it (Debian and Ubuntu: apt-get install chromium) and run the task again.";

/** The path of a Chromium: `THAW_CHROMIUM`, or the first on PATH; `undefined` when there is none. */
export async function findChromium(
  env: { THAW_CHROMIUM?: string; PATH?: string } = Deno.env.toObject(),
): Promise<string | undefined> {
  if (env.THAW_CHROMIUM) {
    if (await exists(env.THAW_CHROMIUM)) return env.THAW_CHROMIUM;
    throw new Error(`Cannot use THAW_CHROMIUM: expected a browser at ${env.THAW_CHROMIUM}, found no such file`);
  }
  const folders = (env.PATH ?? "").split(Deno.build.os === "windows" ? ";" : ":").filter((folder) => folder !== "");
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const path of [...paths, ...ELSEWHERE]) {
    if (await exists(path)) return path;
  }
  return undefined;
}
