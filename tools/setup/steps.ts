import { ProgressLine } from "./progress.ts";

/** One thing that set-up puts in place. */
export interface Step {
  /** What is put in place: `libtensorflow 2.21.0`. */
  readonly name: string;
  /** What it is for and how big, for the line that is printed before `run`. */
  readonly about: string;
  /** True where everything else works without it. */
  readonly optional?: boolean;
  /** Where it is, or why it is not wanted, when there is nothing to do; `undefined` when `run` has to. */
  done(): Promise<string | undefined>;
  /** Puts it in place; says what there is now. */
  run(progress: ProgressLine): Promise<string>;
}

/** What became of the steps, by name. */
export interface StepReport {
  ready: string[];
  made: string[];
  failed: { name: string; optional: boolean; message: string }[];
}

/**
 * Takes the steps in turn: those that are done are skipped, those that fail are told and do not stop the others.
 *
 * @param print where the lines go; by default to stdout
 * @param quiet says nothing about steps that are done already
 */
export async function runSteps(
  steps: readonly Step[],
  { print = console.log, quiet = false }: { print?: (line: string) => void; quiet?: boolean } = {},
): Promise<StepReport> {
  const report: StepReport = { ready: [], made: [], failed: [] };
  for (const [index, step] of steps.entries()) {
    const label = `[${index + 1}/${steps.length}] ${step.name}`;
    const progress = new ProgressLine();
    try {
      const found = await step.done();
      if (found !== undefined) {
        if (!quiet) print(`${label}: ${found}`);
        report.ready.push(step.name);
        continue;
      }
      print(`${label}: ${step.about}`);
      const made = await step.run(progress);
      progress.clear();
      print(`      done in ${progress.seconds.toFixed(1)} s: ${made}`);
      report.made.push(step.name);
    } catch (error) {
      progress.clear();
      const message = error instanceof Error ? error.message : String(error);
      print(`${label}: FAILED. ${message.replaceAll("\n", "\n      ")}`);
      report.failed.push({ name: step.name, optional: step.optional ?? false, message });
    }
  }
  return report;
}
