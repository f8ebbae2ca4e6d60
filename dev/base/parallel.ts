/**
 * Works on items, at most `limit` at a time, in their order.
 *
 * @param goesOn asked before each; false begins nothing any more, and what is under way ends.
 * @returns what came of each; undefined for what was not begun.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
  goesOn: () => boolean = () => true,
): Promise<(Result | undefined)[]> {
  const results: (Result | undefined)[] = items.map(() => undefined);
  const queue = items.entries();
  const worker = async () => {
    while (goesOn()) {
      const next = queue.next();
      if (next.done) return;
      const [index, item] = next.value;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Does work when its turn has come. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets a few in at a time, in the order in which they came. */
export function gate(limit: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (work) => {
    if (inside >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}
