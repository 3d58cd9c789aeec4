import type { Case, Facts, ParityResult, StudyResult } from "./cases.ts";
import { thawCommand, type ThawDevice, torchCommand } from "./commands.ts";
import type { Options } from "./options.ts";
import { significant } from "./numbers.ts";
import { describeRace, race, ratio } from "./race.ts";
import { type Machine, processor, type Row } from "./results.ts";
import { Side, type SideCommand } from "./side.ts";

/** Who takes part: thaw, and whoever can be had here. */
export interface Field {
  machine: Machine;
  /** Whether PyTorch computes on the same device. */
  torch: boolean;
  /** Whether WebGPU has a card. */
  webgpu: boolean;
}

const FACTS: Case = { kind: "facts" };
const START = 120; // seconds: a library of a gigabyte may come from a slow disk

/** Asks a side that does one thing only. */
async function askOnce<T>(command: SideCommand, seconds: number): Promise<T> {
  const side = new Side(command);
  try {
    return await side.ask<T>("run", seconds);
  } finally {
    await side.end();
  }
}

/**
 * Finds out what computes here.
 *
 * @throws Error where the card is wanted and thaw does not compute on it
 */
export async function findField({ device, python }: Options): Promise<Field> {
  const engine = await askOnce<Facts>(thawCommand(FACTS, device), START);
  if (device === "gpu" && !engine.gpu) {
    throw new Error(
      `Cannot measure a card: expected thaw to compute on one, found ${engine.device}` +
        `${engine.noCard ? `: ${engine.noCard}` : ""}. \`deno task setup --gpu\` sets it up; ` +
        "--device cpu rehearses without a card",
    );
  }
  const attempt = (command: SideCommand) => askOnce<Facts>(command, START).catch(({ message }: Error) => ({ message }));
  const [torch, webgpu] = await Promise.all([
    attempt(torchCommand(FACTS, device, python)),
    device === "gpu" ? attempt(thawCommand(FACTS, "webgpu")) : { message: "not on the processor" },
  ]);
  const { backend: _, noCard: _reason, ...facts } = engine;
  return {
    machine: {
      device,
      engine: facts,
      torch: "message" in torch ? reason(torch) : torch,
      webgpu: "message" in webgpu ? reason(webgpu) : { adapter: webgpu.device, version: webgpu.version },
      processor: await processor(),
      cores: navigator.hardwareConcurrency,
      deno: Deno.version.deno,
    },
    torch: !("message" in torch),
    webgpu: !("message" in webgpu) && webgpu.gpu,
  };
}

function reason({ message }: { message: string }): string {
  return `none: ${message.trim().split("\n").at(-1)}`;
}

/**
 * Measures one case.
 *
 * @param left how many seconds there are for it
 * @returns its row for the file, and a line that tells it
 */
export async function measure(
  asked: Exclude<Case, { kind: "facts" }>,
  field: Field,
  { python, rounds }: Options,
  left: () => number,
): Promise<{ row: Row; line: string }> {
  const { name } = asked;
  const { device } = field.machine;
  if (asked.kind === "speed") {
    const commands = [thawCommand(asked, device)];
    if (field.torch) commands.push(torchCommand(asked, device, python));
    if (field.webgpu && asked.precision === "float32") commands.push(thawCommand(asked, "webgpu"));
    const found = await race(commands, rounds, left);
    const { thaw, ...others } = found.outcomes;
    const ratios = Object.fromEntries(Object.entries(others).map(([other, times]) => [other, ratio(thaw, times)]));
    const row = { case: name, problem: thaw.problem, ratios, apart: found.apart || undefined, ...found.outcomes };
    return { row, line: describeRace(asked, found) };
  }
  if (asked.kind === "parity") {
    const { error, seconds } = await askOnce<ParityResult>(thawCommand(asked, device), left());
    const exact = asked.precision === "float32"; // the others are as good as they are
    const failed = exact && !(error !== null && error <= 1e-3);
    const found = error === null ? "another class is the most likely" : error.toExponential(1);
    return {
      row: {
        case: name,
        problem: failed ? `expected an error of 0.001 at most, found ${found}` : undefined,
        error: error === null ? null : Number(error.toPrecision(2)),
        seconds: significant(seconds),
      } as Row,
      line: `${name}: ${failed ? "FAILED: " : ""}${found}`,
    };
  }
  const devices: ThawDevice[] = device === "gpu" ? ["gpu", "cpu"] : ["cpu"];
  const studies: [ThawDevice, StudyResult][] = [];
  for (const each of devices) studies.push([each, await askOnce<StudyResult>(thawCommand(asked, each), left())]);
  const [[, own], cpu] = studies;
  const faster = cpu && significant(cpu[1].seconds / own.seconds);
  const texts = studies.map(([each, { seconds }]) => `${each} ${seconds.toFixed(1)} s`);
  return {
    row: { case: name, gpuOverCpu: faster, ...Object.fromEntries(studies) } as Row,
    line: `${name} (${own.pictures}): ${texts.join(", ")}${faster ? `; ${faster} times as fast` : ""}`,
  };
}
