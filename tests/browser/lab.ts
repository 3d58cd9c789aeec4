import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { needJupyter } from "../../tools/setup/jupyter.ts";
import { tail } from "../../tools/setup/process.ts";
import { runPython } from "../../tools/setup/python.ts";

/** A JupyterLab of a test's own. */
export interface Lab {
  /** The address of a notebook in its folder. */
  url(notebook: string): string;
  /** Ends it, with its kernels. */
  [Symbol.asyncDispose](): Promise<void>;
}

const IN_PAGE = fileURLToPath(new URL("in_page.js", import.meta.url));

export interface LabOptions {
  /** Whether the renderers that lie beside JupyterLab are used, plotly's among them. */
  extensions?: boolean;
}

/**
 * Starts JupyterLab on a folder, with settings, workspaces and signatures of its own: it trusts no notebook that it has
 * not run itself.
 */
export async function startLab(folder: string, { extensions = true }: LabOptions = {}): Promise<Lab> {
  const { python } = await needJupyter();
  const own = await Deno.makeTempDir({ prefix: "thaw-lab-" });
  await writeSetting(own, "notebook-extension/tracker", { windowingMode: "none" }); // all cells, also those out of sight
  await writeSetting(own, "apputils-extension/notification", { fetchNews: "false", checkForUpdates: false });
  const token = crypto.randomUUID();
  const args = [
    ...["-m", "jupyterlab", folder, "--no-browser", "--allow-root", "--port=0"],
    `--IdentityProvider.token=${token}`,
    `--LabApp.user_settings_dir=${join(own, "settings")}`,
    `--LabApp.workspaces_dir=${join(own, "workspaces")}`,
    `--NotebookNotary.db_file=${join(own, "signatures.db")}`,
    "--LabApp.expose_app_in_browser=True",
    ...(extensions ? [] : [`--LabApp.labextensions_path=${join(own, "none")}`]),
  ];
  const stop = new AbortController();
  const address = Promise.withResolvers<string>();
  const ended = runPython(python, args, {
    env: { JUPYTER_PREFER_ENV_PATH: "1", THAW_FAST: "1" },
    signal: stop.signal,
    onErrorLine(line) {
      const found = line.match(/(http:\/\/(?:127\.0\.0\.1|localhost):\d+)\/lab\?token=/);
      if (found) address.resolve(found[1]);
    },
  }).then(({ code, stderr }) => {
    address.reject(new Error(`Cannot start JupyterLab: it ended with ${code}:\n${tail(stderr, 12)}`));
  });
  const base = await address.promise;
  return {
    url: (notebook) => `${base}/lab/tree/${encodeURIComponent(notebook)}?token=${token}&reset`,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await Deno.remove(own, { recursive: true });
    },
  };
}

/** Opens a notebook in a page of its own and waits until its cells are there. */
export async function openNotebook(browser: Browser, lab: Lab, notebook: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript({ path: IN_PAGE });
  await page.goto(lab.url(notebook));
  await page.waitForSelector(".jp-NotebookPanel .jp-CodeCell", { timeout: 60_000 });
  await page.waitForFunction("lab.ready()", undefined, { timeout: 60_000 });
  return page;
}

async function writeSetting(folder: string, plugin: string, setting: Record<string, unknown>): Promise<void> {
  const path = join(folder, "settings", "@jupyterlab", `${plugin}.jupyterlab-settings`);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify(setting));
}
