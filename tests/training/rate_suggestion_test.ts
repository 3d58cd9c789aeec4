import { assertEquals } from "@std/assert";
import { steep, valley } from "../../lib/training/rate_suggestion.ts";
import { figures } from "../golden/learning_rate.ts";

for (const { name, rates, losses, ...expected } of figures.suggestions) {
  Deno.test(`valley and steep choose what fastai's rules do: ${name}`, () => {
    assertEquals({ valley: valley(losses), steep: steep(rates, losses) }, expected);
  });
}

Deno.test("valley and steep of very few losses are positions in them", () => {
  assertEquals([valley([1]), valley([2, 1]), valley([1, 2]), valley([3, 2, 1])], [0, 0, 0, 0]);
  assertEquals([steep([1, 10], [1, 2]), steep([1, 10, 100], [3, 2, 0])], [0, 1]);
});
