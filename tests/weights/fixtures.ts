import { bytesOf, type DType } from "../../lib/weights/dtype.ts";
import type { StateDict } from "../../lib/weights/state_dict.ts";

const folder = new URL("./fixtures/", import.meta.url);

/** The path of a file that make_fixtures.py made. */
export function fixture(name: string): string {
  return decodeURIComponent(new URL(name, folder).pathname);
}

/** The bytes of a file that make_fixtures.py made. */
export function fixtureBytes(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(name, folder));
}

export type Row = [name: string, shape: number[], dtype: DType, bits: string];

/** What PyTorch says that each file holds. */
export const expected: Record<string, Row[]> = JSON.parse(Deno.readTextFileSync(new URL("expected.json", folder)));

/** A state dict as rows that can be compared. */
export async function rowsOf(sd: StateDict): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, entry] of sd) {
    rows.push([name, [...entry.shape], entry.dtype, bytesOf(await entry.data()).toHex()]);
  }
  return rows;
}
