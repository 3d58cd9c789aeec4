import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fetchWheel, needSpace, ObstacleError, unpackWheel } from "../../../tools/setup/fetch_wheel.ts";
import { runCommand } from "../../../tools/setup/process.ts";
import { ProgressLine } from "../../../tools/setup/progress.ts";
import { needPython } from "../../../tools/setup/python.ts";
import { withEnvironment } from "../../engine/environment.ts";
import { withFolder } from "../../folders.ts";

async function fetchingIn(partial: string) {
  const { command: python } = await needPython("3.7", "test set-up");
  const purpose = { what: "parts", otherwise: "make them", meanwhile: "Meanwhile there are none." };
  return { partial, python, progress: new ProgressLine(), purpose };
}

Deno.test("too little space is said before anything is fetched", () =>
  withFolder(async (folder) => {
    await needSpace(folder, 1, "test", "");
    await assertRejects(
      () => needSpace(folder, 1e18, "test", "Meanwhile nothing."),
      ObstacleError,
      "Cannot test: expected 1000000000.0 GB free below",
    );
  }));

Deno.test("what pip says is told, with what to do and what else would do", () =>
  withFolder(async (folder) => {
    const fetching = await fetchingIn(folder);
    const wheel = { requirement: "thaw-has-no-such-package==1.0", platform: "any", bytes: 1 };
    const before = Deno.env.get("PIP_NO_INDEX");
    Deno.env.set("PIP_NO_INDEX", "1");
    try {
      const error = await assertRejects(() => fetchWheel(wheel, fetching), Error);
      assertEquals(
        error.message.split("\n")[0],
        "Cannot fetch parts: expected pip download thaw-has-no-such-package==1.0 to succeed, found exit code 1:",
      );
      assertEquals(
        error.message.split("\n").at(-1),
        "Check the network and pip's proxy and index settings and run the task again, or make them. " +
          "Meanwhile there are none.",
      );
    } finally {
      if (before === undefined) Deno.env.delete("PIP_NO_INDEX");
      else Deno.env.set("PIP_NO_INDEX", before);
    }
    assertEquals([...Deno.readDirSync(folder)], []); // nothing is left
  }));

Deno.test("a network that does not answer stands in the way of any wheel, an index without this one does not", () =>
  withFolder(async (folder) => {
    const fetching = await fetchingIn(folder);
    const wheel = { requirement: "thaw-has-no-such-package==1.0", platform: "any", bytes: 1 };
    const fetch = () => fetchWheel(wheel, fetching).catch((error) => error instanceof ObstacleError);
    assertEquals(await withEnvironment({ PIP_NO_INDEX: "1" }, fetch), false);
    const nobody = { PIP_INDEX_URL: "http://127.0.0.1:9/simple", PIP_RETRIES: "1", PIP_NO_INDEX: undefined };
    assertEquals(await withEnvironment(nobody, fetch), true);
  }));

Deno.test("files are put at the places that they are to have; one that is not there is told", () =>
  withFolder(async (folder) => {
    const fetching = await fetchingIn(folder);
    const file = join(folder, "a.whl");
    const make = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
  z.writestr("a/b/one.so", "1")
  z.writestr("two.so", "2")`;
    assertEquals((await runCommand(fetching.python, ["-c", make, file])).code, 0);
    assertEquals(
      await unpackWheel(file, folder, { "a/b/one.so": "x/one.so", "two.so": "two.so" }, 2, fetching),
      undefined,
    );
    assertEquals(await Deno.readTextFile(join(folder, "x", "one.so")), "1");
    assertEquals(await Deno.readTextFile(join(folder, "two.so")), "2");
    assertEquals(
      (await unpackWheel(file, folder, { "three.so": "three.so" }, 1, fetching))?.split("\n").at(-1),
      `KeyError: "There is no item named 'three.so' in the archive"`,
    );
  }));
