import { type Jupyter, useKernel } from "../../lib/display/kernel.ts";

/** A message that the library sent to the notebook. */
export interface Message {
  type: string;
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  id?: string;
}

/** A kernel that keeps what it is told to send. */
export class FakeKernel implements Jupyter {
  readonly messages: Message[] = [];

  broadcast(type: string, content: Record<string, unknown>): Promise<void> {
    const { data, metadata, transient } = content as Record<string, Record<string, unknown>>;
    this.messages.push({ type, data, metadata, id: transient.display_id as string | undefined });
    return Promise.resolve();
  }
}

/** Runs `work` as if this process were a notebook's kernel. */
export async function inFakeKernel(work: (kernel: FakeKernel) => Promise<void>): Promise<void> {
  const kernel = new FakeKernel();
  useKernel(kernel);
  try {
    await work(kernel);
  } finally {
    useKernel(undefined);
  }
}
