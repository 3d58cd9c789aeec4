import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { readZipDirectory, readZipEntry } from "../../../lib/weights/zip.ts";
import { bytesSource } from "../../../lib/weights/source.ts";
import type { PlainExperiment } from "../../../lib/study/trials/experiment.ts";
import { TrialRunner } from "../../../lib/study/trials/trial_runner.ts";
import { decodeLine, type FromWorker } from "../../../lib/study/workers/lines.ts";
import { type ExperimentPackage, packExperiment } from "../../../lib/study/workers/package.ts";
import { thawHome } from "../../../lib/study/workers/package_config.ts";
import { experiment, forgetPictures, trial } from "./small.ts";
import { assertSameResult, never } from "./support.ts";

const url = import.meta.url;

/** The files of a package, by name. */
function unpack({ bytes }: ExperimentPackage): Map<string, Uint8Array<ArrayBuffer>> {
  const source = bytesSource(bytes, "package");
  return new Map([...readZipDirectory(source)].map(([name, entry]) => [name, readZipEntry(source, entry).slice()]));
}

/** Reads a JSON file of a package. */
function json(files: Map<string, Uint8Array>, name: string) {
  return JSON.parse(new TextDecoder().decode(files.get(name)));
}

/** A folder with files of these texts, and its real path. */
async function folderWith(texts: Record<string, string>): Promise<string> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  for (const [name, text] of Object.entries(texts)) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  return folder;
}

/** An experiment with a module of a folder, and pictures and a checkpoint in it. */
function withFiles(folder: string): PlainExperiment {
  return {
    kind: "splits",
    model: { model: "resnet18", checkpoint: join(folder, "start.pth") },
    data: { data: "imageFolder", folder: join(folder, "photos"), split: { validation: 0.2 } },
    options: {},
  };
}

Deno.test("package: unpacked somewhere else it computes what is computed here", async () => {
  const packed = await packExperiment(experiment());
  const files = unpack(packed);
  const folder = await Deno.makeTempDir();
  for (const [name, bytes] of files) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeFile(join(folder, name), bytes);
  }
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--frozen",
      "--config",
      packed.config,
      packed.entry,
      packed.experiment,
      JSON.stringify(trial("a")),
    ],
    cwd: folder,
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const messages = new TextDecoder().decode(stdout).split("\n").map((line) => decodeLine<FromWorker>(line));
  const told = messages.find((message) => message?.kind === "result");
  assert(told?.kind === "result");
  assertEquals(told.result.worker, Deno.hostname());
  const here = new TrialRunner(experiment());
  assertSameResult(told.result, await here.run(trial("a"), () => {}, never));
  await here.close();
  forgetPictures();

  const lock = new TextDecoder().decode(await Deno.readFile(join(folder, "deno.lock")));
  assertEquals(lock, new TextDecoder().decode(files.get("deno.lock"))); // jobs share their folder: none writes to it
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: it has thaw's sources, what they import, and nothing of the tests", async () => {
  const files = unpack(await packExperiment(experiment()));
  const config = json(files, "deno.json");
  assertEquals([config.imports.thaw, config.links, config.tasks], ["./mod.ts", undefined, undefined]);
  for (const needed of ["@tensorflow/tfjs", "sharp", "linkedom"]) assertMatch(config.imports[needed], /^npm:/);
  for (const other of ["@std/assert", "playwright-core"]) assertEquals(config.imports[other], undefined);
  assert(files.has("lib/study/workers/worker.ts") && files.has("mod.ts"));
  assertEquals([...files.keys()].filter((name) => name.startsWith("tests/")), ["tests/study/workers/small.ts"]);
});

Deno.test("package: the same content has the same name, other content another", async () => {
  const [one, same, other] = [
    await packExperiment(experiment()),
    await packExperiment(experiment()),
    await packExperiment(experiment({ prints: "x" })),
  ];
  assertMatch(one.name, /^_ray_pkg_[0-9a-f]{40}\.zip$/);
  assertEquals(same.name, one.name);
  assert(other.name !== one.name);
});

Deno.test("package: a user's modules travel with what they import, by path or by name", async () => {
  const folder = await folderWith({
    "work/net.ts":
      'import { nn } from "thaw";\nimport { width } from "../parts/width.ts";\nimport type { No } from "./no.ts";\n' +
      "export const network = (): No => new nn.Linear(width, 3);",
    "parts/width.ts": 'export { two as width } from "./two.ts";',
    "parts/two.ts": "export const two = 2;",
    "parts/unused.ts": "",
    "work/table.csv": "1",
    "work/.git/config": "",
  });
  const packed = await packExperiment({
    ...withFiles(folder),
    model: { module: `file://${folder}/work/net.ts`, export: "network" },
    data: { module: "https://example.com/data.ts" },
  }, { files: [join(folder, "work")] });
  const files = unpack(packed);
  const { model, data } = json(files, packed.experiment);
  assertEquals(data.module, "https://example.com/data.ts");
  const at = model.module.replace(/^\.\//, "").replace("work/net.ts", "");
  assertEquals(
    [...files.keys()].filter((name) => name.startsWith(at) && !name.includes("lib/")).sort().map((name) =>
      name.slice(at.length)
    ),
    ["parts/two.ts", "parts/width.ts", "work/net.ts", "work/table.csv"],
  );
  assertEquals(packed.config, packed.entry.replace("lib/study/workers/worker.ts", "deno.json"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: modules that would not be found elsewhere are refused", async () => {
  const folder = await folderWith({
    "missing.ts": 'import "./nowhere.ts";',
    "absolute.ts": 'import "/tmp/x.ts";',
    "unknown.ts": 'import "no-such-name";',
  });
  for (
    const [name, why] of [
      ["missing.ts", "nowhere.ts"],
      ["absolute.ts", 'expected relative paths in its imports, which hold elsewhere too, found "/tmp/x.ts"'],
      ["unknown.ts", 'imports "no-such-name"'],
      ["nothing.ts", "nothing.ts"],
    ]
  ) {
    const model = { module: `file://${join(folder, name)}` };
    const { message } = await assertRejects(() => packExperiment({ ...withFiles(folder), model }), Error);
    assert(message.startsWith(`Cannot take ${join(folder, name)} along: `) && message.includes(why), message);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: checkpoint and pictures travel, and the experiment finds them", async () => {
  const folder = await folderWith({ "start.pth": "weights", "photos/cat/1.png": "cat", "photos/dog/1.png": "dog" });
  const packed = await packExperiment(withFiles(folder));
  const files = unpack(packed);
  const { model, data } = json(files, packed.experiment);
  const read = (path: string) => new TextDecoder().decode(files.get(path.replace(/^\.\//, "")));
  assertEquals(
    [model.checkpoint, data.folder].map((path) => path.startsWith("./")).concat(read(model.checkpoint) === "weights"),
    [true, true, true],
  );
  assertEquals(read(`${data.folder}/dog/1.png`), "dog");

  const { data: _, ...rest } = withFiles(folder);
  const part = { data: "imageFolder", folder: join(folder, "photos"), positions: [1, 0] } as const;
  const parts = await packExperiment({ ...rest, data: { train: part, validation: part } });
  assertEquals(json(unpack(parts), parts.experiment).data.train, { ...part, folder: data.folder });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: what all machines share stays where it is", async () => {
  const folder = await folderWith({ "start.pth": "weights", "photos/cat/1.png": "cat" });
  const packed = await packExperiment(withFiles(folder), { shared: [folder] });
  const files = unpack(packed);
  assertEquals(json(files, packed.experiment), withFiles(folder));
  assert(![...files.keys()].some((name) => name.endsWith(".png") || name.endsWith(".pth")));
  const elsewhere = { ...withFiles(folder), model: { model: "resnet18", checkpoint: "https://example.com/a.pth" } };
  const again = await packExperiment(elsewhere, { shared: [join(folder, "photos")] });
  assertEquals(json(unpack(again), again.experiment), elsewhere);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: too much is refused with what is big, what is missing by its name", async () => {
  const folder = await folderWith({
    "start.pth": "w".repeat(3e6),
    "photos/cat/1.png": "c".repeat(2e6),
    "photos/cat/2.png": "",
  });
  const { message } = await assertRejects(() => packExperiment(withFiles(folder), { limit: 5e6 }), RangeError);
  assertMatch(
    message,
    /^Cannot take the trials' files along: expected at most 4\.8 MiB, which is what Ray takes, found \d\.\d MiB, most of it \S*start\.pth \(2\.9 MiB\), \S*photos\/cat\/ with 2 files \(1\.9 MiB\), /,
  );
  assertStringIncludes(
    message,
    'name that folder in ray(…, { shared: ["/data"] }), or give a checkpoint as an http(s) URL',
  );
  await Deno.remove(join(folder, "start.pth"));
  await assertRejects(
    () => packExperiment(withFiles(folder)),
    Deno.errors.NotFound,
    `Cannot take "${join(folder, "start.pth")}" along: expected a file or a folder, found none`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("package: a published thaw is named, not copied", async () => {
  const home = thawHome("https://jsr.io/@thaw/thaw/0.1.0/lib/study/workers/package_config.ts");
  assertEquals(home, {
    published: "jsr:@thaw/thaw@0.1.0",
    entry: "https://jsr.io/@thaw/thaw/0.1.0/lib/study/workers/worker.ts",
  });
  const folder = await folderWith({ "start.pth": "weights", "photos/cat/1.png": "cat" });
  const packed = await packExperiment(withFiles(folder), { home });
  const files = unpack(packed);
  assertEquals(packed.entry, "https://jsr.io/@thaw/thaw/0.1.0/lib/study/workers/worker.ts");
  assertEquals(json(files, packed.config), { imports: { thaw: "jsr:@thaw/thaw@0.1.0" } });
  assertEquals(files.size, 4); // checkpoint, picture, configuration, experiment
  assertEquals(thawHome(url.replace("/tests/", "/lib/")), { folder: await Deno.realPath(new URL("../../../", url)) });
  await Deno.remove(folder, { recursive: true });
});
