import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { libtensorflowStep } from "../../../tools/setup/libtensorflow.ts";
import { ProgressLine } from "../../../tools/setup/progress.ts";
import { runCommand } from "../../../tools/setup/process.ts";
import { needPython } from "../../../tools/setup/python.ts";
import { type Wheel, WHEELS } from "../../../tools/setup/wheels.ts";

const CC = "c".repeat(100_000);
const WHEEL: Wheel = {
  requirement: "not-a-package==1.0",
  sha256: "0123456789abcdef".repeat(4),
  platform: "any",
  bytes: 1000,
  libraries: { "libcc.so": CC.length, "libframework.so": 2 },
  tried: true,
};

const findNone = () => Promise.resolve({ misses: [] });

/** A small wheel of the same build, where a run that was interrupted after its download would have left it. */
async function leaveWheel(partial: string): Promise<string> {
  const file = join(partial, "0123456789abcdef.whl");
  await Deno.mkdir(partial, { recursive: true });
  const { command } = await needPython("3.7", "test set-up");
  const make = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
  for name, text in {"libcc.so": "c" * ${CC.length}, "libframework.so": "ff", "include/LICENSE": "free",
                     "THIRD_PARTY_NOTICES.txt": "thanks", "other.py": "not wanted"}.items():
    z.writestr("tensorflow/" + name, text)`;
  const { code, stderr } = await runCommand(command, ["-c", make, file]);
  assertEquals(code, 0, stderr);
  return file;
}

async function withFolder(test: (folder: string, partial: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await test(join(root, "lib", "1.0"), join(root, "partial"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a wheel that is there already is unpacked: libraries and licences, nothing else, and then removed", () =>
  withFolder(async (folder, partial) => {
    const step = libtensorflowStep({ wheel: WHEEL, folder, partial, find: findNone });
    await leaveWheel(partial);
    await Deno.mkdir(join(partial, "unpack-x1"), { recursive: true }); // a killed run's
    assertEquals(await step.done(), undefined);
    assertEquals(await step.run(new ProgressLine()), folder);
    assertEquals(await step.done(), folder);
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), [
      "LICENSE",
      "THIRD_PARTY_NOTICES.txt",
      "libcc.so",
      "libframework.so",
    ]);
    assertEquals(await Deno.readTextFile(join(folder, "libcc.so")), CC);
    assertEquals([...Deno.readDirSync(partial)], []);
  }));

Deno.test("a damaged wheel is refused and removed, and leaves nothing that looks complete", () =>
  withFolder(async (folder, partial) => {
    const file = await leaveWheel(partial);
    const bytes = await Deno.readFile(file);
    bytes[60] ^= 0xff; // inside the first file's compressed data
    await Deno.writeFile(file, bytes);
    const step = libtensorflowStep({ wheel: WHEEL, folder, partial, find: findNone });
    await assertRejects(
      () => step.run(new ProgressLine()),
      Error,
      "It is removed; run the task again to fetch it anew.",
    );
    assertEquals(await step.done(), undefined);
    assertEquals([...Deno.readDirSync(partial)], []);
  }));

Deno.test("a library of another size is not taken for complete", () =>
  withFolder(async (folder, partial) => {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "libcc.so"), "cut");
    await Deno.writeTextFile(join(folder, "libframework.so"), "ff");
    assertEquals(await libtensorflowStep({ wheel: WHEEL, folder, partial, find: findNone }).done(), undefined);
  }));

Deno.test("a library that the engine finds elsewhere is used", async () => {
  const library = { place: "python3", main: "/site-packages/tensorflow/libtensorflow_cc.so.2" };
  const step = libtensorflowStep({ wheel: WHEEL, find: () => Promise.resolve({ library, misses: [] }) });
  assertEquals(await step.done(), "found by python3: /site-packages/tensorflow/libtensorflow_cc.so.2");
});

Deno.test("a THAW_LIBTENSORFLOW that has none is told, and nothing is fetched in its place", async () => {
  const misses = [{ place: "THAW_LIBTENSORFLOW", reason: "there is no /nowhere" }];
  const step = libtensorflowStep({ wheel: WHEEL, find: () => Promise.resolve({ misses }) });
  await assertRejects(() => step.done(), Error, "Cannot use THAW_LIBTENSORFLOW: there is no /nowhere. Set it to");
});

Deno.test("the wheels for Linux and Apple's chips are named with their hashes", () => {
  assertEquals(Object.keys(WHEELS), ["linux-x86_64", "linux-aarch64", "darwin-aarch64"]);
  for (const { sha256, libraries } of Object.values(WHEELS)) {
    assertEquals(sha256.length, 64);
    assertEquals(Object.keys(libraries).length, 2);
  }
});
