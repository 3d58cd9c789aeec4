import type { Page } from "playwright-core";

/** What is to be seen under a code cell. */
export interface Seen {
  code: string;
  /** All words under it. */
  text: string;
  /** How many pictures have been drawn. */
  pictures: number;
  /** How many pictures could not be drawn. */
  broken: number;
  /** How many of plotly's figures have been drawn. */
  figures: number;
}

/** Calls one of in_page.js's functions. */
export function inPage<T>(page: Page, call: string): Promise<T> {
  return page.evaluate<T>(call);
}

/** Looks under every code cell, in order. */
export function look(page: Page): Promise<Seen[]> {
  return inPage(page, "seen.look()");
}

/** Waits until every code cell has run, and a moment longer for what is on its way. */
export async function waitForCells(page: Page): Promise<void> {
  await page.waitForFunction("seen.allRan()", undefined, { timeout: 180_000 });
  await page.waitForTimeout(500);
}

/** Keeps a picture of each code cell with what is under it. */
export async function screenshots(page: Page, folder: string): Promise<void> {
  for (const [i, cell] of (await page.$$(".jp-Notebook .jp-CodeCell")).entries()) {
    await cell.screenshot({ path: `${folder}/cell-${String(i + 1).padStart(2, "0")}.png` });
  }
}
