import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { data, type Epoch, fit, type FitOptions, freeze, load, manualSeed, nn, type Run, runs } from "../../mod.ts";
import { lastWords } from "../killed_process.ts";
import { noLeaks, release } from "../tensors.ts";

const worker = fileURLToPath(new URL("checkpoint_worker.ts", import.meta.url));

/** Starts the worker and kills it `killAfter` ms after its training has begun; without, it ends by itself. */
async function work(
  which: string,
  folder: string,
  killAfter?: number,
): Promise<{ history: Epoch[]; best: number } | undefined> {
  const env = { WORKER_SEED: hasCheckpoint(folder) ? "2" : "1" }; // what a checkpoint has, decides
  const said = await lastWords(worker, [which, folder], { env, killAfter });
  return said === undefined ? undefined : JSON.parse(said);
}

function hasCheckpoint(folder: string): boolean {
  return [...Deno.readDirSync(folder)].some(({ name }) => /^checkpoint-\d+$/.test(name));
}

async function numbers(path: string): Promise<Map<string, number[]>> {
  const state = await load(await Deno.readFile(path));
  return new Map(
    await Promise.all([...state].map(async ([name, entry]) => [name, Array.from(await entry.data(), Number)] as const)),
  );
}

for (const which of ["adam", "momentum", "head", "thawing"]) {
  Deno.test(`a run that is killed at any moment and resumed has the losses of one that never was (${which})`, async () => {
    const whole = await Deno.makeTempDir(), broken = await Deno.makeTempDir();
    const expected = (await work(which, whole))!;
    assertEquals(expected.history.length, 8);
    const moments: number[] = [];
    let found: Awaited<ReturnType<typeof work>>;
    while (!found && moments.length < 4) {
      moments.push(Math.round(Math.random() * 250));
      found = await work(which, broken, moments.at(-1));
    }
    found ??= (await work(which, broken))!;
    for (const [i, epoch] of expected.history.entries()) {
      for (const key of ["loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"] as const) {
        assertAlmostEquals(
          found.history[i][key]!,
          epoch[key]!,
          1e-6,
          `${key} of epoch ${i + 1}, killed after ${moments}`,
        );
      }
    }
    assertEquals([found.history.length, found.best], [8, expected.best]);
    for (const file of ["last.pth", "best.pth"]) {
      const [theirs, ours] = [await numbers(join(whole, file)), await numbers(join(broken, file))];
      for (const [name, values] of theirs) {
        values.forEach((value, i) => assertAlmostEquals(ours.get(name)![i], value, 1e-5, `${file} ${name}`));
      }
    }
    for (const folder of [whole, broken]) await Deno.remove(folder, { recursive: true });
  });
}

const x = tf.tensor2d(Array.from({ length: 20 }, (_, i) => [i % 2 ? 1 : -1, i / 20]));
const points = data.fromTensors(x, Array.from({ length: 20 }, (_, i) => i % 2), { name: "points" });
const base: FitOptions = { display: false, seed: 1, epochs: 4, batchSize: 4, learningRate: 0.1 };

function network(seed = 1): nn.Sequential {
  manualSeed(seed);
  return new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(4, 2));
}

function forget(model: nn.Module, run?: Run): void {
  release(model);
  if (run?.best) release(run.best.stateDict);
}

const losses = (run: Run) => run.history.map(({ loss }) => loss);

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await use(folder);
  await Deno.remove(folder, { recursive: true });
}

noLeaks(
  "a stopped run goes on in the middle of its epoch, in a network of other weights",
  () =>
    inFolder(async (folder) => {
      const straight = network();
      const expected = await fit(straight, points, base);
      const stopped = network();
      let steps = 0;
      const fitting = fit(stopped, points, { ...base, checkpoint: folder });
      nn.onForward(stopped.get("3"), () => {
        if (++steps === 8) fitting.run.stop();
      });
      const first = await fitting;
      assertEquals([first.state, first.history.length], ["stopped", 2]);
      const note = JSON.parse(await Deno.readTextFile(join(folder, "checkpoint-000002", "run.json")));
      assertEquals([note.position.epoch, note.position.batch], [1, 3]);
      const again = network(9);
      const second = await fit(again, points, { ...base, checkpoint: folder, resume: true });
      assertEquals(second.state, "finished");
      losses(second).forEach((loss, i) => assertAlmostEquals(loss, losses(expected)[i], 1e-6));
      assert(runs().at(-1)!.seconds > note.run.seconds);
      // resuming what is finished changes nothing more
      const third = await fit(again, points, { ...base, checkpoint: folder, resume: true });
      assertEquals([losses(third), third.best!.epoch], [losses(second), second.best!.epoch]);
      forget(straight, expected);
      forget(stopped, first);
      forget(again, second);
    }),
);

noLeaks("a stop waits for whole steps, and for the epoch where none is left", () =>
  inFolder(async (folder) => {
    const settings = { ...base, epochs: 2, accumulate: 3, checkpoint: folder }; // steps of 3 and 2 batches
    for (const [stopAt, done] of [[1, 3], [5, 0]]) {
      const model = network();
      const run = await fit(model, points, {
        ...settings,
        resume: false,
        onStep: ({ batch }, run) => batch === stopAt ? run.stop() : undefined,
      });
      const [name] = [...Deno.readDirSync(folder)].map(({ name }) => name);
      const { position, run: { history } } = JSON.parse(await Deno.readTextFile(join(folder, name, "run.json")));
      assertEquals([run.state, position.batch, history.length], ["stopped", done, done ? 0 : 1]);
      const again = network(2);
      const resumed = await fit(again, points, { ...settings, resume: true });
      const straight = network();
      const expected = await fit(straight, points, { ...settings, checkpoint: undefined });
      assertEquals(resumed.history.length, 2);
      losses(resumed).forEach((loss, i) => assertAlmostEquals(loss, losses(expected)[i], 1e-6));
      forget(model, run);
      forget(again, resumed);
      forget(straight, expected);
    }
  }));

noLeaks(
  "a checkpoint is a folder of torch's files and a note; older and half-written ones go",
  () =>
    inFolder(async (folder) => {
      await Deno.mkdir(join(folder, "checkpoint-000009.abcd1234.part"));
      await Deno.writeTextFile(join(folder, "mine.txt"), "stays");
      const model = network();
      const run = await fit(model, points, {
        ...base,
        checkpoint: folder,
        restoreBest: false,
        checkpointEvery: { steps: 2 },
      });
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assertEquals(names, ["checkpoint-000012", "mine.txt"]); // two in each epoch, and one at its end
      const files = [...Deno.readDirSync(join(folder, names[0]))].map(({ name }) => name).sort();
      assertEquals(files, ["best.pth", "model.pth", "optimizer.pth", "run.json"]);
      const state = model.stateDict();
      const read = await numbers(join(folder, names[0], "model.pth"));
      for (const [name, entry] of state) assertEquals(read.get(name), Array.from(await entry.data(), Number), name);
      assert((await numbers(join(folder, names[0], "optimizer.pth"))).has("3.weight.exp_avg_sq"));
      release(state);
      forget(model, run);
    }),
);

noLeaks("a folder with a checkpoint is neither taken up nor replaced unless told", () =>
  inFolder(async (folder) => {
    const model = network();
    const run = await fit(model, points, { ...base, epochs: 1, name: "first", checkpoint: folder });
    const other = network(2);
    await assertRejects(
      async () => await fit(other, points, { ...base, checkpoint: folder }),
      Error,
      `Cannot fit with checkpoints in "${folder}": expected a folder without one, found checkpoint-000001 of "first" ` +
        "(1 epochs done); pass resume: true to go on from it, or resume: false to start anew",
    );
    const anew = await fit(other, points, { ...base, epochs: 2, checkpoint: folder, resume: false });
    assertEquals(anew.history.length, 2);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["checkpoint-000003"]);
    forget(model, run);
    forget(other, anew);
  }));

noLeaks("what a checkpoint was not written with is refused by name", () =>
  inFolder(async (folder) => {
    const model = network();
    const run = await fit(model, points, { ...base, epochs: 2, checkpoint: folder });
    const refused = async (other: nn.Module, of: data.Dataset, options: FitOptions, found: string) => {
      const settings = { ...base, epochs: 2, checkpoint: folder, resume: true, ...options };
      const error = await assertRejects(async () => await fit(other, of, settings), Error);
      const expected = `Cannot resume from "${folder}": expected what it was written with, found ${found}; ` +
        "go on with the same, or pass resume: false to start anew";
      assertEquals(error.message.replace(/\b[0-9a-f]{12}\b/g, "…"), expected);
      release(other);
    };
    await refused(
      network(),
      points,
      { learningRate: 0.2, batchSize: 5 },
      "learning rate 0.2 instead of 0.1; batch size 5 instead of 4",
    );
    const fewer = points.subset([...Array(10).keys()]);
    await refused(network(), fewer, {}, "training samples 10 instead of 20; training labels … instead of …");
    const plain = new nn.Sequential(
      new nn.Linear(2, 4),
      new nn.ReLU(),
      new nn.Dropout(0.5),
      new nn.Linear(4, 2, { bias: false }),
    );
    await refused(plain, points, {}, 'trainable 20 instead of 22; "3.bias" none instead of [2]');
    const frozen = network();
    freeze(frozen, "0.bias");
    await refused(
      frozen,
      points,
      {},
      'frozen part of 0 instead of nothing; trainable 18 instead of 22; "0.bias" [4], frozen instead of [4]',
    );
    forget(model, run);
  }));

noLeaks("a folder that cannot be, and a checkpoint that cannot be read, are named", () =>
  inFolder(async (folder) => {
    const model = network();
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    const refused = async (checkpoint: string, message: string) =>
      await assertRejects(async () => await fit(model, points, { ...base, checkpoint, resume: true }), Error, message);
    await refused(file, `Cannot fit with checkpoints in "${file}": `);
    const path = join(folder, "checkpoint-000001");
    await Deno.mkdir(path);
    const found = (what: string) =>
      `Cannot read the checkpoint "${path}": expected one of fit, version 1, found ${what}; remove it, or pass ` +
      "resume: false to start anew";
    await refused(folder, found("no run.json"));
    await Deno.writeTextFile(join(path, "run.json"), "{");
    await refused(folder, found("a run.json that is not JSON"));
    await Deno.writeTextFile(join(path, "run.json"), '{"version":2}');
    await refused(folder, found("version 2"));
    release(model);
  }));

Deno.test("fit says which option about checkpoints cannot be", () => {
  const model = network();
  const refused = (options: FitOptions, message: string) =>
    assertThrows(() => void fit(model, points, { ...base, ...options }), Error, message);
  refused({ resume: true }, "Cannot fit: expected checkpoint, the folder, with resume, found none");
  refused(
    { checkpointEvery: { steps: 1 } },
    "Cannot fit: expected checkpoint, the folder, with checkpointEvery, found none",
  );
  refused({ checkpoint: "" }, 'Cannot fit: expected checkpoint to be a folder\'s path, found ""');
  refused(
    { checkpoint: "x", checkpointEvery: { steps: 0 } },
    'Cannot fit: expected checkpointEvery to have epochs or steps (whole numbers ≥ 1) or seconds (above 0), found {"steps":0}',
  );
});

/** The checkpoint in a folder: how many epochs and steps of the next one are done. */
function written(folder: string): [epochs: number, steps: number] | undefined {
  const name = [...Deno.readDirSync(folder)].map(({ name }) => name).find((name) => /^checkpoint-\d+$/.test(name));
  if (!name) return undefined;
  const { position } = JSON.parse(Deno.readTextFileSync(join(folder, name, "run.json")));
  return [position.epoch, position.batch];
}

noLeaks(
  "with checkpointEvery { epochs } there is a checkpoint after so many epochs, and none between",
  () =>
    inFolder(async (folder) => {
      const model = network();
      const found: unknown[] = [];
      const run = await fit(model, points, {
        ...base,
        epochs: 7,
        checkpoint: folder,
        checkpointEvery: { epochs: 3 },
        onEpoch: () => void found.push(written(folder)?.[0]),
      });
      assertEquals(found, [undefined, undefined, 3, 3, 3, 6, 6]);
      assertEquals(written(folder), [6, 0]);
      // whoever goes on from it counts on from there
      const again = network(2);
      const more: unknown[] = [];
      const resumed = await fit(again, points, {
        ...base,
        epochs: 7,
        checkpoint: folder,
        resume: true,
        checkpointEvery: { epochs: 7 },
        onEpoch: ({ epoch }) => void more.push(epoch, written(folder)?.[0]),
      });
      assertEquals(more, [7, 7]);
      losses(resumed).forEach((loss, i) => assertAlmostEquals(loss, losses(run)[i], 1e-6));
      forget(model, run);
      forget(again, resumed);
    }),
);

noLeaks(
  "with checkpointEvery { epochs } a stop is written too, at whatever moment it comes, and gone on from",
  async () => {
    const straight = network();
    const settings = { ...base, epochs: 6, batchSize: 4 };
    const expected = await fit(straight, points, settings);
    const stops: Record<string, [stop: FitOptions, position: [number, number]]> = {
      "within an epoch": [{ onStep: ({ epoch, batch }, run) => epoch === 2 && batch === 2 ? run.stop() : undefined }, [
        1,
        2,
      ]],
      "by the last step of an epoch": [{
        onStep: ({ epoch, batch }, run) => epoch === 2 && batch === 5 ? run.stop() : undefined,
      }, [1, 5]],
      "between two epochs": [{ onEpoch: ({ epoch }, run) => epoch === 2 ? run.stop() : undefined }, [2, 0]],
      "after an epoch that is written anyway": [{ onEpoch: ({ epoch }, run) => epoch === 4 ? run.stop() : undefined }, [
        4,
        0,
      ]],
    };
    for (const [when, [stop, position]] of Object.entries(stops)) {
      await inFolder(async (folder) => {
        const checkpoint = { checkpoint: folder, checkpointEvery: { epochs: 4 } };
        const stopped = network();
        const first = await fit(stopped, points, { ...settings, ...checkpoint, ...stop });
        assertEquals([first.state, written(folder)], ["stopped", position], when);
        const numbers = [...Deno.readDirSync(folder)].map(({ name }) => name);
        assertEquals(numbers, ["checkpoint-000001"], when); // written once, and not once more because of the stop
        const again = network(9);
        const second = await fit(again, points, { ...settings, ...checkpoint, resume: true });
        assertEquals(second.history.length, 6);
        losses(second).forEach((loss, i) => assertAlmostEquals(loss, losses(expected)[i], 1e-6, when));
        forget(stopped, first);
        forget(again, second);
      });
    }
    forget(straight, expected);
  },
);

noLeaks("a run that is stopped before its first step leaves no checkpoint", () =>
  inFolder(async (folder) => {
    const model = network();
    const fitting = fit(model, points, { ...base, checkpoint: folder, checkpointEvery: { epochs: 2 } });
    fitting.run.stop();
    const run = await fitting;
    assertEquals([run.state, written(folder)], ["stopped", undefined]);
    forget(model, run);
  }));
