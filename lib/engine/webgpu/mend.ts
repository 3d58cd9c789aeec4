/** One of tfjs's programs for the card, as far as it is looked at here. */
export interface Program {
  shaderKey: string;
  getUserCode(): string;
}

/** What tfjs asks each value of a pooling window, to find where its largest is. */
const LAST_OF_EQUALS = "if (value >= currMaxValue)";

/**
 * Mends what tfjs's programs get wrong. Where several values of a pooling window are the largest, the slope goes to the first,
 * as in torch and on the other rungs; tfjs gives it to the last, and after a relu many are equal.
 */
export function mend(program: Program): void {
  if (!program.shaderKey.startsWith("pool2D_max_true")) return;
  const code = program.getUserCode();
  if (!code.includes(LAST_OF_EQUALS)) {
    throw new Error(
      "Cannot mend tfjs's max pooling on webgpu: expected the text of tfjs-backend-webgpu 4.22.0, found another",
    );
  }
  program.getUserCode = () => code.replace(LAST_OF_EQUALS, "if (maxValueFound == 0.0 || value > maxValue)");
}
