import type { NumberFormat } from "./spec.ts";

/**
 * A number as people read it.
 *
 * @example
 * ```ts
 * import { formatNumber } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatNumber(11689512), "11,689,512");
 * assertEquals(formatNumber(11689512, "compact"), "11.7M");
 * assertEquals(formatNumber(0.7461, "percent"), "74.6%");
 * ```
 */
export function formatNumber(value: number, format?: NumberFormat): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  switch (format) {
    case "integer":
      return grouped(Math.round(value));
    case "compact":
      return scaled(value, 1000, ["", "k", "M", "G", "T"], "");
    case "bytes":
      return scaled(value, 1000, ["B", "kB", "MB", "GB", "TB"], " ");
    case "percent":
      return `${(100 * value).toFixed(1)}%`;
    case "fixed":
      return value.toFixed(3);
    case "seconds":
      return duration(value);
    case "significant":
      return significant(value);
    default:
      return Number.isInteger(value) ? grouped(value) : significant(value);
  }
}

/** A name of at most `length` characters: its middle gives way, since its ends tell it from its neighbours. */
export function shortened(name: string, length: number): string {
  const letters = [...name];
  if (letters.length <= length) return name;
  const head = Math.ceil((length - 1) / 2);
  return letters.slice(0, head).join("") + "…" + letters.slice(letters.length - (length - 1 - head)).join("");
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

function significant(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(2);
  return value.toPrecision(4).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

function scaled(value: number, step: number, units: readonly string[], space: string): string {
  let unit = 0;
  // 999,950 would be written as 1000.0k: the unit is chosen by what is written
  while (unit < units.length - 1 && Math.abs(value) >= step - (unit === 0 ? 0.5 : 0.05)) {
    value /= step;
    unit++;
  }
  const digits = unit === 0 ? `${Math.round(value)}` : value.toFixed(1);
  return units[unit] ? `${digits}${space}${units[unit]}` : digits;
}

function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
