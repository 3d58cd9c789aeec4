import type { Counts, Measured, SpeedCase } from "./cases.ts";
import { median, significant } from "./numbers.ts";
import { Side, type SideCommand } from "./side.ts";

/** What is timed of a network. */
export const PASSES = ["forward", "step"] as const;
export type PassName = typeof PASSES[number];

/** The seconds of one pass over the rounds. */
export interface Timing {
  best: number;
  median: number;
  rounds: number[];
  /** The least of one pass alone; of that the program's own part. See {@linkcode Measured}. */
  latency: number;
  dispatch: number;
  /** What thaw asks of TensorFlow in one pass, with the least time between. */
  counts?: Counts;
}

/** How one side fared, or why it did not. */
export interface Outcome extends Partial<Record<PassName, Timing>> {
  /** What it took of the card's memory for itself, what was free within that among it. */
  memoryBytes?: number;
  /** The most that its tensors took, where it tells. */
  allocatedBytes?: number;
  problem?: string;
}

/** How sides raced. */
export interface Race {
  outcomes: Record<string, Outcome>;
  /** Whether each had the card to itself, for want of memory; else all were ready at once and took turns. */
  apart: boolean;
}

/**
 * Times one network on several sides, each in a process of its own. They get ready one after the other, so that each finds how
 * much memory it takes; then they take turns, round for round, so that a card that is hot or slow for a while is so for all.
 *
 * @param left how many seconds there still are
 */
export async function race(commands: readonly SideCommand[], rounds: number, left: () => number): Promise<Race> {
  const together = await raceTogether(commands, rounds, left);
  const short = Object.values(together).some(({ problem }) => problem !== undefined && isOutOfMemory(problem));
  if (!short || commands.length < 2) return { outcomes: together, apart: false };
  const outcomes: Record<string, Outcome> = {};
  for (const command of commands) Object.assign(outcomes, await raceTogether([command], rounds, left));
  return { outcomes, apart: true };
}

async function raceTogether(
  commands: readonly SideCommand[],
  rounds: number,
  left: () => number,
): Promise<Record<string, Outcome>> {
  const sides = commands.map((command) => new Side(command));
  const outcomes: Record<string, Outcome> = Object.fromEntries(commands.map(({ name }) => [name, {}]));
  const measured = new Map<string, Measured[]>();
  const running = () => sides.filter(({ name }) => outcomes[name].problem === undefined);
  const attempt = async (side: Side, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      outcomes[side.name].problem = (error as Error).message;
    }
  };
  try {
    for (const side of sides) {
      await attempt(side, async () => {
        Object.assign(outcomes[side.name], await side.ask<Outcome>("prepare", left()));
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const pass of PASSES) {
        for (const side of running()) {
          await attempt(side, async () => {
            const key = `${side.name} ${pass}`;
            const all = measured.get(key) ?? [];
            measured.set(key, [...all, await side.ask<Measured>(pass, left())]);
          });
        }
      }
    }
  } finally {
    await Promise.all(sides.map((side) => side.end()));
  }
  for (const { name } of commands) {
    for (const pass of PASSES) {
      const all = measured.get(`${name} ${pass}`);
      if (all) outcomes[name][pass] = timing(all);
    }
  }
  return outcomes;
}

function timing(rounds: readonly Measured[]): Timing {
  const seconds = rounds.map(({ seconds }) => seconds);
  const least = (values: number[]) => significant(Math.min(...values));
  const counts = rounds.flatMap(({ counts }) => counts ?? []).sort((a, b) => a.betweenOps - b.betweenOps)[0];
  return {
    best: least(seconds),
    median: significant(median(seconds)),
    rounds: seconds.map(significant),
    latency: least(rounds.map(({ latency }) => latency)),
    dispatch: least(rounds.map(({ dispatch }) => dispatch)),
    ...counts && { counts },
  };
}

/** Whether a side's problem is that a card's memory was too small: TensorFlow's, PyTorch's, thaw's or WebGPU's words. */
export function isOutOfMemory(problem: string): boolean {
  return /out of memory|OOM when|memory is (used up|full)/i.test(problem);
}

/** How much faster `ours` is than `theirs`: above 1 it is faster. */
export function ratio(ours: Outcome, theirs: Outcome | undefined): Partial<Record<PassName, number>> {
  return Object.fromEntries(PASSES.flatMap((pass) => {
    const [mine, other] = [ours[pass], theirs?.[pass]];
    return mine && other ? [[pass, significant(other.best / mine.best)]] : [];
  }));
}

/** One line that tells how a race went. */
export function describeRace(asked: SpeedCase, { outcomes, apart }: Race): string {
  const milliseconds = (seconds: number) => `${(seconds * 1000).toPrecision(3)} ms`;
  const parts = Object.entries(outcomes).map(([name, outcome]) => {
    const { problem } = outcome;
    const times = PASSES.flatMap((pass) => outcome[pass] ? [`${pass} ${milliseconds(outcome[pass].best)}`] : []);
    return `${name} ${[...times, ...problem ? [`FAILED: ${problem.split("\n")[0]}`] : []].join(", ")}`;
  });
  const others = Object.keys(outcomes).filter((name) => name !== "thaw");
  const ratios = others.flatMap((name) =>
    Object.entries(ratio(outcomes.thaw, outcomes[name])).map(([pass, value]) =>
      `${pass} ${value.toFixed(2)} × ${name}'s speed`
    )
  );
  return `${asked.name}${apart ? " (one after the other)" : ""}: ${[...parts, ...ratios].join("; ")}`;
}
