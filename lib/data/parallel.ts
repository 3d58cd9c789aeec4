/**
 * Calls an async function for every item, some at a time, and gives the results in the items' order.
 *
 * As many as there are cores, and eight at least, since part of the time is spent waiting for files; not all at once, which
 * for a folder of photos would be more than fits into memory. The first error ends it once those under way are done.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  use: (item: T, index: number) => Promise<R>,
  atOnce: number = Math.max(8, navigator.hardwareConcurrency),
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
