/**
 * Yields `make(0)` to `make(count - 1)` in order, the next ones being made while the caller works with one.
 *
 * They are made one after another, and no more than `ahead` wait. Where the caller leaves early, what is under way is
 * waited for and nothing is begun any more.
 */
export async function* prefetch<T>(count: number, make: (i: number) => Promise<T>, ahead = 2): AsyncGenerator<T> {
  const queue: Promise<T>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next = 0;
  let left = false;
  const fill = () => {
    while (next < count && queue.length < ahead) {
      const i = next++;
      const made = last.then(() => left ? undefined as T : make(i));
      made.catch(() => {}); // whoever takes it from the queue meets the error
      queue.push(made);
      last = made;
    }
  };
  try {
    fill();
    while (queue.length > 0) {
      const item = await queue.shift()!;
      fill();
      yield item;
    }
  } finally {
    left = true;
    await Promise.allSettled(queue);
  }
}
