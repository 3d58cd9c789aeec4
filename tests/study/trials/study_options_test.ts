import { assertEquals, assertThrows } from "@std/assert";
import { checkStudyOptions, type StudyOptions } from "../../../lib/study/trials/study_options.ts";

const refused = (options: unknown, text: string) =>
  void assertThrows(() => checkStudyOptions("study tea", options as StudyOptions, ["milk"]), Error, text);

Deno.test("gaps are filled, seeds are listed once each, and what is fit's goes to fit", () => {
  const settings = checkStudyOptions("study tea", { seeds: [3, 1, 3], batchSize: 8, optimizer: "sgd" }, []);
  assertEquals(settings, {
    epochs: 5,
    seeds: [3, 1],
    budget: Infinity,
    workers: undefined,
    folder: undefined,
    display: true,
    trial: { optimizer: "sgd", batchSize: 8 },
  });
  assertEquals(checkStudyOptions("study tea", {}, [], 3).seeds, [0, 1, 2]);
});

Deno.test("what cannot be is refused in the study's name", () => {
  refused({ sugar: 1 }, "Cannot study tea: expected options { milk, epochs, seeds");
  refused({ epochs: 0 }, "Cannot study tea: expected epochs to be a whole number ≥ 1, found 0");
  refused({ seeds: [] }, "Cannot study tea: expected seeds to be how many (≥ 1), or a list of whole numbers, found []");
  refused({ budget: 0 }, "Cannot study tea: expected budget to be a number of seconds above 0, found 0");
  refused({ folder: 3 }, "Cannot study tea: expected folder to be a path, found 3");
  refused({ display: "no" }, 'Cannot study tea: expected display to be true or false, found "no"');
  refused({ signal: 3 }, "Cannot study tea: expected signal to be an AbortSignal, found 3");
  refused({ transforms: 3 }, "Cannot study tea: expected transforms to say how a picture becomes input");
});
