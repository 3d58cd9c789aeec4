import type { Drawing } from "./chart_svg.ts";
import { formatNumber, shortened } from "./format.ts";
import { escaped } from "./markup.ts";
import { type MatrixCell, matrixCells, shortPercent } from "./matrix_frame.ts";
import { grey, toneColors } from "./palette.ts";
import type { MatrixSpec } from "./spec.ts";

const font = "Inter, system-ui, sans-serif";
const longest = 22;

/** A matrix as SVG, on a clear ground as charts are: see {@linkcode MatrixSpec}. */
export function matrixSvg(spec: MatrixSpec): Drawing {
  const roomy = spec.labels.length <= 12;
  const [wide, tall] = roomy ? [58, 38] : [34, 24];
  const names = spec.labels.map((label) => shortened(label, longest));
  const room = 6.3 * Math.max(4, ...names.map((name) => [...name].length));
  const left = Math.ceil(room) + 14;
  const top = (spec.title ? 30 : 6) + Math.ceil(0.64 * room) + 14;
  const parts = spec.title ? [text(spec.title, 2, 16, 14, `font-weight="600"`)] : [];
  parts.push(text("true ↓ predicted →", left - 8, top - 6, 10, `text-anchor="end"`));
  names.forEach((name, i) => {
    const x = left + (i + 0.5) * wide;
    parts.push(text(name, x, top - 6, 11, `transform="rotate(-38 ${x} ${top - 6})"`));
    parts.push(text(name, left - 8, top + (i + 0.5) * tall + 4, 11, `text-anchor="end"`));
  });
  matrixCells(spec).forEach((row, i) =>
    row.forEach((cell, j) => parts.push(cellSvg(cell, left + j * wide, top + i * tall, wide - 2, tall - 2, roomy)))
  );
  // the last column's name leans out of the matrix
  const width = Math.ceil(left + names.length * wide + 0.8 * room);
  const below = top + names.length * tall;
  if (spec.caption) parts.push(text(spec.caption, 2, below + 16, 11));
  const height = below + (spec.caption ? 24 : 4);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${font}" fill="${grey}">${parts.join("")}</svg>`;
  return { svg, width, height };
}

function text(words: string, x: number, y: number, size: number, more = ""): string {
  return `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escaped(words)}</text>`;
}

function cellSvg(cell: MatrixCell, x: number, y: number, wide: number, tall: number, roomy: boolean): string {
  const { count, share, right } = cell;
  const color = count ? toneColors[right ? "accent" : "bad"] : grey;
  // grey words are read on a pale ground, white ones on a full one, whatever the page is: there is nothing in between
  const full = share >= 0.5;
  const opacity = count ? (full ? 0.7 + 0.3 * share : 0.1 + (right ? 0.3 : 0.7) * share) : 0.06;
  const ground = `<rect x="${x}" y="${y}" width="${wide}" height="${tall}" rx="4" fill="${color}" ` +
    `fill-opacity="${opacity.toFixed(2)}"/>`;
  if (!count) return ground;
  const at = `text-anchor="middle" fill="${full ? "#ffffff" : grey}"`;
  const middle = x + wide / 2;
  const number = text(formatNumber(count, "integer"), middle, y + tall / 2 + (roomy ? -1 : 4), roomy ? 13 : 11, at);
  return ground + number + (roomy ? text(shortPercent(share), middle, y + tall / 2 + 12, 10, at) : "");
}
