// What runs in the browser, in JupyterLab's page: eyes for seen.ts.

const codeCells = () => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];

globalThis.seen = {
  /** What is to be seen under each code cell now. */
  look() {
    return codeCells().map((cell) => {
      const area = cell.querySelector(".jp-OutputArea");
      const images = [...area.querySelectorAll("img")];
      const figures = [...area.querySelectorAll(".js-plotly-plot")];
      return {
        code: cell.querySelector(".cm-content").textContent,
        text: area.innerText.trim(),
        pictures: images.filter((image) => image.complete && image.naturalWidth > 0).length,
        broken: images.filter((image) => image.complete && image.naturalWidth === 0).length,
        figures: figures.filter((figure) => figure.querySelector(".main-svg")).length,
      };
    });
  },

  /** Whether every code cell has a number. */
  allRan() {
    const prompts = codeCells().map((cell) => cell.querySelector(".jp-InputPrompt").textContent);
    return prompts.length > 0 && prompts.every((prompt) => /\[\d+\]/.test(prompt));
  },

  /** Keeps every picture that is ever seen under a code cell, from now on. */
  watchPictures() {
    this.kept = codeCells().map((cell) => {
      const sources = new Set();
      const keep = () => cell.querySelectorAll(".jp-OutputArea img").forEach(({ src }) => sources.add(src));
      new MutationObserver(keep).observe(cell, { childList: true, subtree: true, attributeFilter: ["src"] });
      return sources;
    });
  },

  /** How many different pictures there were under each code cell. */
  picturesKept() {
    return this.kept.map(({ size }) => size);
  },
};

/** JupyterLab itself, which runs with its application exposed. */
globalThis.lab = {
  panel: () => globalThis.jupyterapp.shell.currentWidget,

  /** Asked to run cells before its kernel is there, JupyterLab asks back. */
  ready() {
    return globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle";
  },

  /** Runs all cells from nothing, in a fresh kernel. */
  async runAll() {
    const { commands } = globalThis.jupyterapp;
    await commands.execute("notebook:clear-all-cell-outputs");
    await this.panel().sessionContext.restartKernel();
    commands.execute("notebook:run-all-cells").catch(console.error); // done when the last cell is
  },

  trusted() {
    return [...this.panel().model.cells].filter(({ type }) => type === "code").some(({ trusted }) => trusted);
  },
};
