import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { decodeImage, encodePng, imageError } from "../../lib/data/image.ts";
import { file, picture, test } from "./support.ts";

const pixel = async (bytes: Uint8Array) => [...(await decodeImage(bytes)).data.slice(0, 3)];

test("every source gives the same picture", async (folder) => {
  const bytes = await file("png", 3, 2, [10, 20, 30]);
  const path = join(folder, "a.png");
  await Deno.writeFile(path, bytes);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response(bytes.slice()));
  const url = `http://127.0.0.1:${server.addr.port}/a.png`;
  const dataUrl = `data:image/png;base64,${btoa(String.fromCharCode(...bytes))}`;
  const expected = picture(3, 2, [10, 20, 30]);
  for (const source of [bytes, path, pathToFileURL(path).href, url, dataUrl, expected]) {
    assertEquals(await decodeImage(source), expected);
  }
  await server.shutdown();
});

test("transparent pixels lie on white, half transparent ones halfway", async () => {
  assertEquals(await pixel(await file("png", 2, 2, [200, 0, 0, 0])), [255, 255, 255]);
  assertEquals(await pixel(await file("png", 2, 2, [0, 0, 0, 51])), [204, 204, 204]);
  assertEquals(await pixel(await file("webp", 2, 2, [200, 0, 0, 0])), [255, 255, 255]);
});

test("grey, grey with alpha, palette and 16 bits become RGB bytes", async () => {
  const grey = new Uint8Array([7, 7, 7, 7]);
  const raw = { width: 2, height: 2, channels: 1 } as const;
  assertEquals(await pixel(await sharp(grey, { raw }).toColourspace("b-w").png().toBuffer()), [7, 7, 7]);
  assertEquals(await pixel(await sharp(grey, { raw }).toColourspace("b-w").jpeg().toBuffer()), [7, 7, 7]);
  const colored = await file("png", 2, 2, [9, 99, 199]);
  assertEquals(await pixel(await sharp(colored).png({ palette: true }).toBuffer()), [9, 99, 199]);
  assertEquals(await pixel(await sharp(colored).toColourspace("rgb16").png().toBuffer()), [9, 99, 199]);
  const alpha = await sharp(grey, { raw }).toColourspace("b-w").ensureAlpha(0).png().toBuffer();
  assertEquals(await pixel(alpha), [255, 255, 255]);
});

test("the orientation that a camera noted is applied", async () => {
  const bytes = await sharp(await file("jpeg", 6, 4)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { width, height } = await decodeImage(bytes);
  assertEquals([width, height], [4, 6]);
});

test("errors name the source and what it is instead of an image", async (folder) => {
  const expected = "expected a whole PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG image, found";
  const text = join(folder, "a.png");
  await Deno.writeTextFile(text, "<!doctype html><title>404</title>");
  const whole = await file("jpeg", 60, 40, [200, 100, 0]);
  const cut = join(folder, "cut.jpg");
  await Deno.writeFile(cut, whole.slice(0, whole.length - 30));
  await Deno.writeFile(join(folder, "empty.png"), new Uint8Array(0));
  const missing = join(folder, "none.png");

  await assertRejects(
    () => decodeImage(text),
    Error,
    `Cannot decode "${text}": ${expected} 33 bytes that begin with "<!doctype html><"`,
  );
  await assertRejects(
    () => decodeImage(new Uint8Array([0, 1, 2])),
    Error,
    `Cannot decode 3 bytes: ${expected} 3 bytes`,
  );
  await assertRejects(() => decodeImage(cut), Error, `Cannot decode "${cut}": ${expected} a broken one (`);
  await assertRejects(() => decodeImage(join(folder, "empty.png")), Error, `${expected} an empty file`);
  await assertRejects(
    () => decodeImage(missing),
    Error,
    `Cannot read "${missing}": expected an image file, found no such file`,
  );
  await assertRejects(
    () => decodeImage({ width: 2, height: 2, data: new Uint8Array(4) }),
    TypeError,
    "Cannot use a picture of 2×2: expected 12 bytes (red, green and blue of each pixel), found 4",
  );
});

test("a server's error is named", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("no", { status: 404, statusText: "Not Found" }),
  );
  const url = `http://127.0.0.1:${server.addr.port}/a.png`;
  await assertRejects(
    () => decodeImage(url),
    Error,
    `Cannot fetch "${url}": expected an image, found HTTP 404 Not Found`,
  );
  await server.shutdown();
  await assertRejects(() => decodeImage(url), Error, `Cannot fetch "${url}": `);
});

test("imageError reads to the end of a file", async (folder) => {
  for (const format of ["png", "jpeg", "webp"] as const) {
    const noise = Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i * i * 31 + (i >> 3)) & 255);
    const bytes = await sharp(noise, { raw: { width: 90, height: 70, channels: 3 } }).toFormat(format).toBuffer();
    const path = join(folder, `a.${format}`);
    await Deno.writeFile(path, bytes);
    assertEquals(await imageError(path), undefined);
    await Deno.writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    assertEquals((await imageError(path))?.message.startsWith(`Cannot decode "${path}": `), true, format);
  }
  assertEquals((await imageError(join(folder, "none.png")))?.message.startsWith("Cannot read "), true);
});

test("encodePng keeps the pixels, and makes large pictures smaller", async () => {
  const small = picture(5, 3, [1, 2, 3]);
  assertEquals(await decodeImage(await encodePng(small, 96)), small);
  const { width, height } = await decodeImage(await encodePng(picture(200, 100), 50));
  assertEquals([width, height], [50, 25]);
});
