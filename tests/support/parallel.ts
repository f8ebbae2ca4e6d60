import { inParallel as atMost } from "../../dev/base/parallel.ts";

const AT_ONCE = 12;

/** Runs work for every item, several at a time, and returns the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  return (await atMost(items, AT_ONCE, work)) as Result[]; // each was begun
}
