import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { download, type DownloadOptions } from "../../lib/weights/download.ts";
import { load } from "../../lib/weights/load.ts";
import type { Progress } from "../../lib/weights/progress.ts";
import { expected, fixtureBytes, rowsOf } from "./fixtures.ts";
import { fileResponse, serve, serveRaw } from "./server.ts";

const file = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 + (i >> 8));
const sha256 = createHash("sha256").update(file).digest("hex");
const name = `net-${sha256.slice(0, 8)}.pth`;
const quick: DownloadOptions = { retryDelay: 1, onProgress() {} };

/** Runs a test with an empty cache, and removes it. */
function cached(what: string, test: (cache: string) => Promise<void>): void {
  Deno.test(what, async () => {
    const cache = await Deno.makeTempDir();
    const before = Deno.env.get("THAW_CACHE");
    Deno.env.set("THAW_CACHE", cache);
    try {
      await test(cache);
    } finally {
      if (before === undefined) Deno.env.delete("THAW_CACHE");
      else Deno.env.set("THAW_CACHE", before);
      await Deno.remove(cache, { recursive: true });
    }
  });
}

/** Every file below a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...(await filesIn(`${folder}/${name}`)).map((inner) => `${name}/${inner}`));
    else found.push(name);
  }
  return found.sort();
}

cached("a file is fetched once, and nothing else is left", async (cache) => {
  await using server = serve((request) => fileResponse(request, file));
  const progress: Progress[] = [];
  const path = await download(`${server.url}/models/${name}`, { ...quick, onProgress: (p) => progress.push(p) });
  assertEquals(path, `${cache}/weights/${name}`);
  assertEquals(await Deno.readFile(path), file);
  assertEquals(await download(`${server.url}/models/${name}`, quick), path);
  assertEquals(server.requests, [`/models/${name}`]);
  assertEquals(await filesIn(cache), [`weights/${name}`]);
  const last = progress[progress.length - 1];
  assertEquals([last.name, last.received, last.total, last.done], [name, file.length, file.length, true]);
  assert(progress.every((p, i) => i === 0 || p.received >= progress[i - 1].received));
});

cached("files of one name without a hash, from two addresses, are two files", async (cache) => {
  await using server = serve((request) => fileResponse(request, file.slice(0, new URL(request.url).pathname.length)));
  const one = await download(`${server.url}/a/net.pth`, quick);
  const two = await download(`${server.url}/bb/net.pth`, quick);
  assertEquals([(await Deno.stat(one)).size, (await Deno.stat(two)).size], [10, 11]);
  assertEquals((await filesIn(cache)).length, 2);
});

cached("a connection that breaks off is resumed where it stopped", async (cache) => {
  const head = (length: number) => `HTTP/1.1 200 OK\netag: "1"\ncontent-length: ${length}`;
  const rest = (start: number, end: number) => ({
    head: `HTTP/1.1 206 Partial Content\netag: "1"\ncontent-length: ${file.length - start}\n` +
      `content-range: bytes ${start}-${file.length - 1}/${file.length}`,
    bytes: file.subarray(start, end),
    then: "close" as const,
  });
  const startOf = (asked: string) => Number(/range: bytes=(\d+)-/i.exec(asked)![1]);
  await using server = serveRaw([
    () => ({ head: head(file.length), bytes: file.subarray(0, 100_000), then: "close" }),
    (asked) => rest(startOf(asked), startOf(asked) + 50_000),
    (asked) => rest(startOf(asked), file.length),
  ]);
  const path = await download(`${server.url}/${name}`, quick);
  assertEquals(await Deno.readFile(path), file);
  assertEquals(server.requests.length, 3);
  assert(server.requests[1].startsWith(`/${name} bytes=`) && server.requests[2].startsWith(`/${name} bytes=`));
  assertEquals(await filesIn(cache), [`weights/${name}`]);
});

cached("a later process goes on with what an earlier one has left", async (cache) => {
  await leave(cache, 120_000);
  await using server = serve((request) => fileResponse(request, file));
  note(cache, `${server.url}/${name}`, '"1"');
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
  assertEquals(server.requests, [`/${name} bytes=120000-`]);
});

cached("a file that has changed on the server is fetched from its beginning", async (cache) => {
  await leave(cache, 120_000);
  await using server = serve((request) => fileResponse(request, file, '"new"'));
  note(cache, `${server.url}/${name}`, '"old"');
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
});

cached("a server that ignores ranges is taken at its word", async (cache) => {
  await leave(cache, 120_000);
  await using server = serve(() => new Response(file, { headers: { etag: '"1"' } }));
  note(cache, `${server.url}/${name}`, '"1"');
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
});

cached("a part of another file, from a server that gives no ETag, is thrown away by its hash", async (cache) => {
  await leave(cache, 120_000, 0x55);
  await using server = serve((request) => fileResponse(request, file, null));
  note(cache, `${server.url}/${name}`, undefined);
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
  assertEquals(server.requests, [`/${name} bytes=120000-`, `/${name}`]);
});

cached("a part that is whole already is only checked", async (cache) => {
  await leave(cache, file.length);
  await using server = serve((request) => fileResponse(request, file));
  note(cache, `${server.url}/${name}`, '"1"');
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
  assertEquals(server.requests.length, 1);
});

cached("errors of the server are tried again, those of the address are not", async (cache) => {
  await using server = serve((request, count) =>
    count < 3 ? new Response("busy", { status: 503 }) : fileResponse(request, file)
  );
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
  assertEquals(server.requests.length, 3);

  await using missing = serve(() => new Response("no", { status: 404, statusText: "Not Found" }));
  const url = `${missing.url}/x-01234567.pth`;
  const error = await assertRejects(() => download(url, quick), Error);
  assertEquals(
    error.message,
    `Cannot download ${url}: the server answered 404 Not Found. Where there is no network, put the file at ` +
      `${cache}/weights/x-01234567.pth (its SHA-256 begins with 01234567), or name a mirror in THAW_WEIGHTS_URL`,
  );
  assertEquals(missing.requests.length, 1);

  await using broken = serve(() => new Response("no", { status: 500 }));
  await assertRejects(
    () => download(`${broken.url}/${name}x`, { ...quick, retries: 2 }),
    Error,
    "the server answered 500 Internal Server Error (3 attempts)",
  );
});

cached("a server that says nothing any more is given up", async (cache) => {
  const stalled = () => ({
    head: `HTTP/1.1 200 OK\ncontent-length: ${file.length}`,
    bytes: file.subarray(0, 1000),
    then: "stall" as const,
  });
  await using server = serveRaw([stalled]);
  await assertRejects(
    () => download(`${server.url}/plain.pth`, { ...quick, retries: 1, stallTimeout: 100 }),
    Error,
    "nothing came for 0.1 s (2 attempts)",
  );
  assertEquals(server.requests, ["/plain.pth", "/plain.pth"]); // no ETag, no hash: nothing to resume by
  assertEquals((await filesIn(cache)).some((path) => path.endsWith("plain.pth")), false);
});

cached("wrong bytes are refused and removed", async (cache) => {
  const other = file.slice();
  other[5] ^= 1;
  await using server = serve((request) => fileResponse(request, other));
  const found = createHash("sha256").update(other).digest("hex");
  await assertRejects(
    () => download(`${server.url}/${name}`, quick),
    Error,
    `expected a SHA-256 that begins with ${sha256.slice(0, 8)}, found ${found}; what came has been removed`,
  );
  assertEquals(await filesIn(cache), []);
});

cached("a file of another size is refused before it is fetched", async () => {
  await using server = serve((request) => fileResponse(request, file));
  await assertRejects(
    () => download(`${server.url}/${name}`, { ...quick, bytes: 5 }),
    Error,
    "expected 5 bytes, found a file of 300000",
  );
  await using endless = serve(() => new Response(new Blob([file]).stream()));
  await assertRejects(
    () => download(`${endless.url}/${name}`, { ...quick, bytes: 5 }),
    Error,
    "expected 5 bytes, found more",
  );
});

cached("a web page in the file's place is refused", async () => {
  await using server = serve(() => new Response("<html>", { headers: { "content-type": "text/html; charset=utf-8" } }));
  await assertRejects(() => download(`${server.url}/net.pth`, quick), Error, "expected a file, found a web page");
});

cached("redirects are followed", async () => {
  await using server = serve((request) =>
    new URL(request.url).pathname === "/here" ? fileResponse(request, file) : Response.redirect(`${server.url}/here`)
  );
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
});

cached("downloads of one file at the same time fetch it once", async (cache) => {
  await using server = serve(async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return fileResponse(request, file);
  });
  const paths = await Promise.all([1, 2, 3, 4].map(() => download(`${server.url}/${name}`, quick)));
  assertEquals(new Set(paths).size, 1);
  assertEquals(server.requests.length, 1);
  assertEquals(await filesIn(cache), [`weights/${name}`]);
});

cached("a failed download does not fail the one that waited for it", async () => {
  await using server = serve((request, count) =>
    count === 1 ? new Response("no", { status: 403 }) : fileResponse(request, file)
  );
  const results = await Promise.allSettled([1, 2].map(() => download(`${server.url}/${name}`, quick)));
  assertEquals(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
});

cached("a download can be stopped, and goes on later", async (cache) => {
  const controller = new AbortController();
  await using server = serve((request, count) => {
    if (count > 1) return fileResponse(request, file);
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(file.slice(0, 1000)),
    });
    return new Response(body, { headers: { etag: '"1"', "content-length": `${file.length}` } });
  });
  const options = {
    ...quick,
    signal: controller.signal,
    onProgress: (p: Progress) => p.received && controller.abort(),
  };
  await assertRejects(() => download(`${server.url}/${name}`, options), DOMException, "aborted");
  assertEquals(await filesIn(cache), [`weights/${name}.part`, `weights/${name}.part.json`]);
  assertEquals(await Deno.readFile(await download(`${server.url}/${name}`, quick)), file);
  assertEquals(server.requests, [`/${name}`, `/${name} bytes=1000-`]);
});

cached("no network: the error says what to put where", async (cache) => {
  const url = `http://127.0.0.1:9/models/${name}`;
  await assertRejects(
    () => download(url, { ...quick, retries: 1 }),
    Error,
    `(2 attempts). Where there is no network, put the file at ${cache}/weights/${name} ` +
      `(its SHA-256 begins with ${sha256.slice(0, 8)}), or name a mirror in THAW_WEIGHTS_URL`,
  );
  await Deno.mkdir(`${cache}/weights`, { recursive: true });
  await Deno.writeFile(`${cache}/weights/${name}`, file);
  assertEquals(await download(url, quick), `${cache}/weights/${name}`);
});

cached("THAW_WEIGHTS_URL names a server or a folder to ask instead", async (cache) => {
  await using server = serve((request) => fileResponse(request, file));
  try {
    Deno.env.set("THAW_WEIGHTS_URL", `${server.url}/copy/`);
    const url = `https://weights.invalid/models/${name}`;
    assertEquals(await Deno.readFile(await download(url, quick)), file);
    assertEquals(server.requests, [`/copy/models/${name}`]);

    await Deno.mkdir(`${cache}/mirror/models`, { recursive: true });
    await Deno.writeFile(`${cache}/mirror/models/other.pth`, file);
    Deno.env.set("THAW_WEIGHTS_URL", `file://${cache}/mirror`);
    assertEquals(await Deno.readFile(await download("https://weights.invalid/models/other.pth", quick)), file);
  } finally {
    Deno.env.delete("THAW_WEIGHTS_URL");
  }
});

cached("load takes an address", async () => {
  await using server = serve((request) => fileResponse(request, fixtureBytes("model.pth")));
  const sd = await load(`${server.url}/model.pth`, quick);
  assertEquals(await rowsOf(sd), expected["model.pth"]);
});

async function leave(cache: string, length: number, flip = 0): Promise<void> {
  await Deno.mkdir(`${cache}/weights`, { recursive: true });
  await Deno.writeFile(`${cache}/weights/${name}.part`, file.slice(0, length).map((byte) => byte ^ flip));
}

function note(cache: string, url: string, validator: string | undefined): void {
  Deno.writeTextFileSync(`${cache}/weights/${name}.part.json`, JSON.stringify({ url, validator }));
}
