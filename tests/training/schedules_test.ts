import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as training from "../../lib/training/mod.ts";
import { type ScheduleName, scheduleOf } from "../../lib/training/schedules.ts";
import { figures } from "../golden/training_features.ts";

const makers = training as unknown as Record<string, (options: Record<string, unknown>) => training.Schedule>;

for (const { schedule, options, rates } of figures.schedules) {
  Deno.test(`${schedule} ${JSON.stringify(options)} gives torch's rates, step by step`, () => {
    const share = makers[schedule](options);
    for (const [step, expected] of rates.entries()) {
      const found = figures.rate * share({ step, steps: figures.steps, losses: [] });
      assertAlmostEquals(found, expected, 1e-6, `step ${step}`);
    }
  });
}

for (const { options, rates } of figures.plateaus) {
  Deno.test(`plateau ${JSON.stringify(options)} gives torch's rates, epoch by epoch`, () => {
    const share = training.plateau(options);
    for (const [epoch, expected] of rates.entries()) {
      const losses = figures.plateauLosses.slice(0, epoch + 1);
      assertAlmostEquals(figures.rate * share({ step: epoch, steps: 100, losses }), expected, 1e-6, `epoch ${epoch}`);
    }
  });
}

Deno.test("one cycle's momentum is torch's, step by step", () => {
  const { momentum } = training.oneCycle({ momentum: [0.8, 0.95] });
  for (const [step, expected] of figures.momentum.entries()) {
    assertAlmostEquals(momentum!({ step, steps: figures.steps, losses: [] }), expected, 1e-6, `step ${step}`);
  }
});

Deno.test("every schedule has a name, and warms up where it is asked to", () => {
  for (const name of ["constant", "step", "cosine", "oneCycle", "plateau"] as const) {
    const rates = Array.from({ length: 20 }, (_, step) => scheduleOf(name)({ step, steps: 20, losses: [] }));
    assertEquals(Math.max(...rates) <= 1 && Math.min(...rates) >= 0, true, name);
  }
  const rate = training.plateau({ warmup: 4, warmupFrom: 0.2, patience: 0 });
  assertAlmostEquals(rate({ step: 2, steps: 10, losses: [] }), 0.6, 1e-12);
  assertAlmostEquals(rate({ step: 4, steps: 10, losses: [1, 1] }), 0.1, 1e-12);
});

Deno.test("options and names that cannot be are named", () => {
  assertThrows(
    () => training.cosine({ warmup: -1 }),
    RangeError,
    "Cannot make a schedule: expected warmup to be a whole number ≥ 0, found -1",
  );
  assertThrows(
    () => training.stepDecay({ factor: 2 }),
    RangeError,
    "Cannot make a schedule: expected factor to be a share from 0 to 1, found 2",
  );
  assertThrows(
    () => scheduleOf("cosinus" as ScheduleName),
    RangeError,
    'Cannot fit: expected the schedule "constant", "step", "cosine", "oneCycle", "plateau" or a function, ' +
      'found "cosinus"',
  );
});
