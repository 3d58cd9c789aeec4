import type { Picture } from "../data/types.ts";
import type { Plane } from "./heat.ts";

/** Vermillion, which no grey is taken for, whatever colours one sees. */
const marked = [213, 94, 0];

/**
 * Planes of one size as one picture: cells in a grid that is about square, left to right, from black (0) to white (1).
 *
 * @param marks for each plane and place, what is not 0 is marked by colour
 * @param side about how many pixels the picture is to have
 */
export function mosaic(planes: readonly Plane[], marks: readonly Uint8Array[] | undefined, side = 448): Picture {
  const [{ width, height }] = planes;
  const columns = columnsFor(planes.length);
  const rows = Math.ceil(planes.length / columns);
  const times = Math.max(1, Math.floor(side / Math.max(columns * width, rows * height)));
  const gap = width * height > 1 ? Math.max(1, Math.round(times * width / 24)) : 0; // maps stand apart
  const [across, down] = [width * times + gap, height * times + gap];
  const picture = { width: columns * across - gap, height: rows * down - gap };
  const data = new Uint8Array(3 * picture.width * picture.height).fill(255);
  planes.forEach(({ values }, cell) => {
    const [left, top] = [(cell % columns) * across, Math.floor(cell / columns) * down];
    for (let y = 0; y < height * times; y++) {
      for (let x = 0; x < width * times; x++) {
        const place = Math.floor(y / times) * width + Math.floor(x / times);
        const grey = Math.round(255 * Math.min(1, Math.max(0, values[place])));
        const color = marks?.[cell][place] ? marked : [grey, grey, grey];
        data.set(color, 3 * ((top + y) * picture.width + left + x));
      }
    }
  });
  return { ...picture, data };
}

/** How many columns leave no cell empty, where that is possible in about a square. */
function columnsFor(count: number): number {
  const root = Math.sqrt(count);
  for (let rows = Math.floor(root); rows > root / 1.6; rows--) if (count % rows === 0) return count / rows;
  return Math.ceil(root);
}
