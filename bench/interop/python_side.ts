/** A Python that answers: each request is a line of JSON on its standard input, each answer a line of JSON on its output. */
export class PythonSide {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string, script: string) {
    this.#process = new Deno.Command(python, { args: [script], stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = lines(this.#process.stdout);
  }

  /** @throws Error with what Python said where it could not do it */
  async ask<Answer>(request: Record<string, unknown>): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Cannot ask Python to ${request.do}: it has ended`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  async end(): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
  }
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
