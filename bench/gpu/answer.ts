import { readLines } from "../../lib/study/workers/lines.ts";

/** What begins the lines that are answers; a library may print others. */
export const ANSWER = "=> ";

/** What a program can be asked, by the word that asks it. */
export type Answers = Record<string, () => unknown>;

/** One answer: a value, or why there is none. */
export type Answer = { value: unknown } | { problem: string };

/**
 * Answers one question a line on stdin with one line on stdout, until stdin closes: the program that asks decides when
 * something is measured, and on which of several programs. torch_side.py does the same.
 */
export async function answer(answers: Answers): Promise<void> {
  for await (const question of readLines(Deno.stdin.readable)) {
    console.log(ANSWER + JSON.stringify(await answerTo(question, answers)));
  }
}

async function answerTo(question: string, answers: Answers): Promise<Answer> {
  try {
    if (!Object.hasOwn(answers, question)) {
      throw new RangeError(`Cannot answer "${question}": expected one of ${Object.keys(answers).join(", ")}`);
    }
    return { value: await answers[question]() ?? null };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
