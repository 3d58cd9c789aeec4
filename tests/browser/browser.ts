import { type Browser, chromium } from "playwright-core";
import { findChromium, NO_CHROMIUM } from "../../tools/testing/chromium.ts";

/** Starts Chromium without a window, with a profile of its own that is gone afterwards. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  return await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}
