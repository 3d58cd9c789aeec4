import type { Drawing } from "./chart_svg.ts";

/**
 * Pixels of a PNG for one of the drawing's. More would be sharper on some screens, but JupyterLab's plotly renderer,
 * which shows the PNG until the pointer comes near, knows no size but the PNG's own.
 */
export const pngScale = 1;

let ready: Promise<void> | undefined;

/**
 * What turns a drawing into a PNG: resvg, in WebAssembly, with Inter as its only font.
 *
 * Both files lie in the npm packages that the two imports name; they are found where Deno keeps those.
 */
export async function loadPng(): Promise<(drawing: Drawing) => Uint8Array> {
  const [{ initWasm, Resvg }, { default: inter }] = await Promise.all([
    import("@resvg/resvg-wasm"),
    import("@expo-google-fonts/inter/metadata.json", { with: { type: "json" } }),
  ]);
  // initWasm may run once in a process
  ready ??= readPackaged("@resvg/resvg-wasm/index_bg.wasm").then((wasm) => initWasm(wasm));
  const [regular, bold] = await Promise.all([
    readPackaged("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
    readPackaged("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
    ready,
  ]);
  const font = { fontBuffers: [regular, bold], defaultFontFamily: inter.family, sansSerifFamily: inter.family };
  return ({ svg, width }) => {
    const image = new Resvg(svg, { font, fitTo: { mode: "width", value: pngScale * width } });
    try {
      const rendered = image.render();
      try {
        return rendered.asPng();
      } finally {
        rendered.free();
      }
    } finally {
      image.free(); // wasm memory, which no collector sees
    }
  };
}

function readPackaged(specifier: string): Promise<Uint8Array> {
  return Deno.readFile(new URL(import.meta.resolve(specifier)));
}
