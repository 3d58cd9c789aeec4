/** A local server that does what a test tells it to. */
export interface TestServer {
  readonly url: string;
  /** What was asked, in order: `GET /path range`. */
  readonly requests: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export function serve(handler: (request: Request, count: number) => Response | Promise<Response>): TestServer {
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const range = request.headers.get("range");
    requests.push(new URL(request.url).pathname + (range ? ` ${range}` : ""));
    return handler(request, requests.length);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A server of one file that knows ranges and, unless it is told otherwise, its ETag. */
export function fileResponse(request: Request, file: Uint8Array<ArrayBuffer>, etag: string | null = '"1"'): Response {
  const headers = new Headers(etag ? { etag } : {});
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  const condition = request.headers.get("if-range");
  if (!range || (condition && condition !== etag)) {
    return new Response(file, { headers: { ...Object.fromEntries(headers), "content-length": `${file.length}` } });
  }
  const start = Number(range[1]);
  if (start >= file.length) {
    headers.set("content-range", `bytes */${file.length}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-range", `bytes ${start}-${file.length - 1}/${file.length}`);
  return new Response(file.slice(start), { status: 206, headers });
}

/**
 * A server over plain TCP, for what no honest HTTP server does: it says that `length` bytes follow, sends `bytes`, and then
 * closes the connection or, to stall, leaves it open.
 */
export function serveRaw(
  answers: ((head: string) => { head: string; bytes: Uint8Array; then: "close" | "stall" })[],
): TestServer {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const requests: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      (async () => {
        const buffer = new Uint8Array(1 << 14);
        const count = await connection.read(buffer) ?? 0;
        const asked = new TextDecoder().decode(buffer.subarray(0, count));
        const range = /^range: (.*)\r$/mi.exec(asked)?.[1];
        requests.push(asked.split(" ")[1] + (range ? ` ${range}` : ""));
        const answer = answers[Math.min(requests.length, answers.length) - 1](asked);
        await connection.write(new TextEncoder().encode(answer.head.replaceAll("\n", "\r\n") + "\r\n\r\n"));
        for (let at = 0; at < answer.bytes.length;) at += await connection.write(answer.bytes.subarray(at));
        if (answer.then === "stall") return;
        open.delete(connection);
        connection.close();
      })().catch(() => {}); // the client may be gone
    }
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
}
