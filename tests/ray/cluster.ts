/** A Ray cluster on this machine, for the suite that needs one. */
import { TETHER } from "../../tools/setup/python.ts";
import { readLines } from "../../lib/study/workers/lines.ts";

const startSeconds = 180;

/** A head of a cluster. */
export interface Head {
  /** The dashboard's address. */
  readonly address: string;
  /** Starts another node of the same cluster. */
  addNode(cpus: number): Promise<Node>;
  /** Ends it and all its nodes. */
  stop(): Promise<void>;
}

/** A node: a process that has started others. */
export interface Node {
  /** Ends it and all that runs on it, without a word to the head. */
  kill(): Promise<void>;
}

/**
 * Starts a head with a Python that has ray[default]. It ends when this process does.
 *
 * @throws {Error} with what Ray said, where it does not start
 */
export async function startHead(python: string, { cpus, gpus }: { cpus: number; gpus: number }): Promise<Head> {
  const [gcs, dashboard] = [freePort(), freePort()];
  const address = `http://127.0.0.1:${dashboard}`;
  const folder = await Deno.makeTempDir({ prefix: "ray-" }); // sockets lie in it: its path may not be long
  const nodes: RayProcess[] = [];
  const head = new RayProcess(python, [
    ...["--head", "--port", gcs, "--temp-dir", folder, "--disable-usage-stats", "--num-gpus", gpus],
    ...["--dashboard-host", "127.0.0.1", "--dashboard-port", dashboard, "--ray-client-server-port", freePort()],
    ...nodeOptions(cpus),
  ]);
  await head.ready(async () => (await fetch(`${address}/api/version`)).ok);
  return {
    address,
    async addNode(cpus) {
      const count = await aliveNodes(address);
      const node = new RayProcess(python, ["--address", `127.0.0.1:${gcs}`, ...nodeOptions(cpus)]);
      nodes.push(node);
      await node.ready(async () => await aliveNodes(address) > count);
      return node;
    },
    async stop() {
      await Promise.all([...nodes, head].map((node) => node.stop()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function nodeOptions(cpus: number): (string | number)[] {
  return [
    ...["--block", "--num-cpus", cpus, "--node-ip-address", "127.0.0.1", "--dashboard-agent-listen-port", freePort()],
    ...["--min-worker-port", 0, "--max-worker-port", 0],
  ];
}

async function aliveNodes(address: string): Promise<number> {
  const { data } = await (await fetch(`${address}/nodes?view=summary`)).json();
  return data.summary.filter(({ raylet }: { raylet: { state: string } }) => raylet.state === "ALIVE").length;
}

function freePort(): number {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  listener.close();
  return listener.addr.port;
}

/** `ray start --block`, which ends what it has started when it is ended. */
class RayProcess implements Node {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  #ended = false;

  constructor(python: string, options: readonly (string | number)[]) {
    this.#child = new Deno.Command(python, {
      args: [TETHER, "-m", "ray.scripts.scripts", "start", ...options.map(String)],
      env: { RAY_DISABLE_IMPORT_WARNING: "1", NO_COLOR: "1" },
      stdin: "piped", // the tether
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#read(stream);
    this.#child.status.then(() => this.#ended = true);
  }

  /** Waits until it is there. */
  async ready(isThere: () => Promise<boolean>): Promise<void> {
    for (const started = performance.now(); !(await isThere().catch(() => false));) {
      const seconds = (performance.now() - started) / 1000;
      if (this.#ended || seconds > startSeconds) {
        const found = this.#ended ? "that it has ended" : `nothing for ${startSeconds} s`;
        const said = this.#lines.slice(-20).join("\n");
        await this.stop();
        throw new Error(`Cannot start Ray: expected a cluster that answers, found ${found}. It said:\n${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  async stop(): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL"); // on Linux its processes go with it
    await this.#child.status;
    await this.#child.stdin.close().catch(() => {});
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of readLines(stream)) this.#lines.push(line);
  }
}
