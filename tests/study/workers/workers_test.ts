import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Experiment } from "../../../lib/study/trials/experiment.ts";
import { ray } from "../../../lib/study/workers/ray.ts";
import { checkWorkers, openRunner } from "../../../lib/study/workers/workers.ts";
import { data, models } from "../../../mod.ts";
import * as tf from "@tensorflow/tfjs";
import { experiment, trial } from "./small.ts";
import { never } from "./support.ts";

const plain = experiment();

Deno.test("workers: a number of processes or a cluster, and nothing else", () => {
  for (const workers of [1, 8, ray("http://head:8265")]) checkWorkers(plain, workers);
  for (
    const [wrong, found] of [
      [0, "0"],
      [-1, "-1"],
      [1.5, "1.5"],
      [NaN, "NaN"],
      ["2", "2"],
      [{ address: "x" }, '{"address":"x"}'],
    ] as const
  ) {
    assertThrows(
      () => checkWorkers(plain, wrong as never),
      TypeError,
      "Cannot study: expected workers to be a whole number ≥ 1, for so many processes on this machine, or " +
        `ray("http://head:8265"), found ${found}`,
    );
  }
});

Deno.test("workers: what is tied to this process says so, and how it can be untied", () => {
  const x = tf.zeros([4, 2]);
  const points = data.fromTensors(x, [0, 0, 1, 1]).split({ validation: 0.5 });
  const cases: [Partial<Experiment>, string][] = [
    [{ model: () => models.resnet18() }, "the network is made by a function of this process"],
    [{ data: () => points }, "the data is made by a function of this process"],
    [{ data: points }, "the data lives in this process alone"],
  ];
  for (const [part, why] of cases) {
    assertThrows(
      () => checkWorkers({ ...plain, ...part }, 2),
      TypeError,
      "Cannot study with workers: expected a network and data that can be made again in another process, found that " +
        `${why}; name them, as in { model: "resnet18", options: { weights: "DEFAULT" } } and { data: "imageFolder", `,
    );
  }
  x.dispose();
});

Deno.test("workers: paths may be relative to this process's folder", async () => {
  const module = new URL("./small.ts", import.meta.url).pathname.slice(Deno.cwd().length + 1);
  const model = { module, export: "network" };
  const runner = await openRunner({ ...plain, model, data: { module, export: "pictures" } }, 2);
  assertEquals([runner.slots, runner.sharesFiles], [2, true]);
  const { history, worker } = await runner.run(trial("a"), () => {}, never);
  assertEquals(history.length, 3);
  assert(/^process \d+$/.test(worker!));
  await runner.close();
});

Deno.test("workers: a cluster that is not there is found out before anything is computed", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  listener.close();
  await assertRejects(
    () => openRunner(plain, ray(`http://127.0.0.1:${listener.addr.port}`, { patience: 0.1 })),
    Error,
    "Cannot reach Ray at http://127.0.0.1:",
  );
});
