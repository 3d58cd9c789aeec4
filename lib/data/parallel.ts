/**
 * Calls an async function for every item, some at a time, and gives the results in the items' order.
 *
 * Twice as many as there are cores: enough to keep them busy, few enough that the files of a large batch are not all in
 * memory at once. The first error ends it once those under way are done.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  use: (item: T, index: number) => Promise<R>,
  atOnce: number = 2 * navigator.hardwareConcurrency,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const work = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await use(items[index], index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const done = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, work));
  const failure = done.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  return results;
}
