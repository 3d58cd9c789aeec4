/** A process that has a worker compute a long trial, says the worker's number, and is killed by the test. */
import { LocalWorkers } from "../../../lib/study/workers/local.ts";
import { experiment, trial } from "./small.ts";

const workers = new LocalWorkers(experiment({ prints: "started" }, { delay: 100 }), 1);
await workers.run(
  trial("long", { epochs: 1000 }),
  (event) => {
    if (event.kind === "log" && /^pid \d+$/.test(event.text)) console.log(event.text);
    if (event.kind === "epoch") console.log("training");
  },
  new AbortController().signal,
);
