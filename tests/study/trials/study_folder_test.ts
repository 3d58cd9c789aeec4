import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { StudyFolder } from "../../../lib/study/trials/study_folder.ts";
import type { Trial } from "../../../lib/study/trials/trial.ts";
import { inFolder, result } from "../splits/scripted.ts";

const identity = { study: "splits", epochs: 3, data: ["emoji", "abc"], options: { batchSize: 8 } };

function trial(id: string, more: Partial<Trial> = {}): Trial {
  return { id, setting: { until: id }, seed: 0, task: "train", epochs: 3, ...more };
}

Deno.test("folder: what is noted is there for who opens it again, to the last digit", () =>
  inFolder(async (path) => {
    const below = join(path, "made", "for it");
    const first = await StudyFolder.open(below, identity);
    const noted = result("layer1-seed0", [1 / 3, 0.1 + 0.2], { cachedAt: "layer1", cachedOn: "disk" });
    const told = await first.note(noted);
    await first.note(result("fc-seed0", [0.5]));
    const again = await StudyFolder.open(below, identity);
    assertEquals(again.result("layer1-seed0"), told);
    assertEquals(again.result("layer1-seed0")!.history, noted.history);
    assertEquals([again.result("fc-seed0")!.best!.validationAccuracy, again.result("layer2-seed0")], [0.5, undefined]);
    assertEquals(again.trialFolder("fc-seed0"), join(below, "trials", "fc-seed0"));
    // what this process gives is what another one would find
    assertEquals(first.result("layer1-seed0"), again.result("layer1-seed0"));
    assert(!("error" in told) && !("probe" in told));
  }));

Deno.test("folder: the times of a trial's parts are added, the most memory of them is kept, the newest history counts", () =>
  inFolder(async (path) => {
    const folder = await StudyFolder.open(path, identity);
    await folder.note(result("a", [0.1], { seconds: 5, featureSeconds: 2, peakBytes: 700 }));
    const whole = await folder.note(result("a", [0.1, 0.2, 0.3], { seconds: 4, featureSeconds: 1, peakBytes: 600 }));
    assertEquals([whole.seconds, whole.featureSeconds, whole.peakBytes, whole.history.length], [9, 3, 700, 3]);
    assertEquals((await StudyFolder.open(path, identity)).result("a"), whole);
  }));

Deno.test("folder: a trial is done when what is asked of it is there, or it broke off", () =>
  inFolder(async (path) => {
    const folder = await StudyFolder.open(path, identity);
    assertEquals(folder.isDone(trial("a")), false);
    await folder.note(result("a", [0.1, 0.2]));
    assertEquals([1, 2, 3].map((pauseAfter) => folder.isDone(trial("a", { pauseAfter }))), [true, true, false]);
    assertEquals([folder.isDone(trial("a")), folder.isDone(trial("a", { epochs: 2 }))], [false, true]);
    assertEquals([folder.isDone(trial("a", { task: "rate" })), folder.isDone(trial("a", { task: "probe" }))], [
      false,
      false,
    ]);
    await folder.note(result("b", [], { learningRate: 0.01 }));
    await folder.note(result("c", [], { probe: 0 }));
    assertEquals([folder.isDone(trial("b", { task: "rate" })), folder.isDone(trial("b", { task: "probe" }))], [
      true,
      false,
    ]);
    assertEquals([folder.isDone(trial("c", { task: "rate" })), folder.isDone(trial("c", { task: "probe" }))], [
      false,
      true,
    ]);
    await folder.note(result("d", [0.1], { error: "the loss became NaN" }));
    assertEquals(folder.isDone(trial("d")), true);
  }));

Deno.test("folder: another study's is refused with what is different, and left as it is", () =>
  inFolder(async (path) => {
    await (await StudyFolder.open(path, identity)).note(result("a", [0.1]));
    const refused = async (other: Record<string, unknown>, found: string) => {
      const { message } = await assertRejects(() => StudyFolder.open(path, other as typeof identity), Error);
      assertEquals(
        message,
        `Cannot go on with the study in "${path}": expected the same one, found ${found}; call it as it was begun, or ` +
          "give another folder",
      );
    };
    await refused({ ...identity, epochs: 5 }, "epochs 3 instead of 5");
    const { options: _, ...without } = identity;
    await refused(without, 'options {"batchSize":8} instead of none');
    await refused(
      { ...identity, seeds: [1], study: "dropout" },
      'study "splits" instead of "dropout"; seeds none instead of [1]',
    );
    const long = Array.from({ length: 90 }, (_, i) => i);
    await refused({ ...identity, epochs: long }, `epochs 3 instead of ${JSON.stringify(long).slice(0, 117)}…`);
    assertEquals((await StudyFolder.open(path, identity)).result("a")!.history.length, 1);
    await Deno.writeTextFile(join(path, "study.json"), "[1, 2]");
    const { message } = await assertRejects(() => StudyFolder.open(path, { epochs: 1 }), Error);
    assert(message.includes('kind none instead of "thaw study"; version none instead of 1'), message);
  }));

Deno.test("folder: half-written files and others' do not count, a broken one is named", () =>
  inFolder(async (path) => {
    const folder = await StudyFolder.open(path, identity);
    await folder.note(result("a", [0.1]));
    const trials = join(path, "trials");
    await Deno.writeTextFile(join(trials, "a", "result.json.12345678.part"), '{"id": "a", "hist');
    await Deno.mkdir(join(trials, "begun"));
    await Deno.writeTextFile(join(trials, ".DS_Store"), "someone's");
    await Deno.writeTextFile(join(path, "study.json.12345678.part"), "{");
    assertEquals((await StudyFolder.open(path, identity)).result("a")!.history.length, 1);
    const broken = join(trials, "a", "result.json");
    await Deno.writeTextFile(broken, '{"id": "a", "hist');
    const { message } = await assertRejects(() => StudyFolder.open(path, identity), TypeError);
    assertEquals(
      message,
      `Cannot read "${broken}": expected JSON that a study wrote, found something else; remove the folder`,
    );
  }));

Deno.test("folder: a note leaves nothing half-written beside it", () =>
  inFolder(async (path) => {
    const folder = await StudyFolder.open(path, identity);
    for (let i = 1; i < 4; i++) await folder.note(result("a", Array(i).fill(0.5)));
    assertEquals([...Deno.readDirSync(folder.trialFolder("a"))].map(({ name }) => name), ["result.json"]);
    assertEquals([...Deno.readDirSync(path)].map(({ name }) => name).sort(), ["study.json", "trials"]);
  }));

Deno.test("folder: of a trial that is done the checkpoint goes, and weights that are not worth keeping", () =>
  inFolder(async (path) => {
    const folder = await StudyFolder.open(path, identity);
    const left = (id: string) => [...Deno.readDirSync(folder.trialFolder(id))].map(({ name }) => name).sort();
    for (const id of ["a", "b"]) {
      await folder.note(result(id, [0.1]));
      await Deno.mkdir(join(folder.trialFolder(id), "checkpoint", "checkpoint-000001"), { recursive: true });
      await Deno.writeTextFile(join(folder.trialFolder(id), "best.pth"), "weights");
    }
    await folder.tidy("a", true);
    await folder.tidy("b", false);
    assertEquals([left("a"), left("b")], [["best.pth", "result.json"], ["result.json"]]);
    await folder.tidy("a", true); // nothing is left to remove
    await folder.tidy("never begun", false);
  }));
