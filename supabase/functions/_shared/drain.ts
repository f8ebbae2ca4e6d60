/**
 * Empties queues of the database: takes what is due, as many at once as there are places, until nothing is. Which row
 * gets a place, so that nobody holds them all, the database decides: it is told which rows are under way.
 *
 * @module
 */

/** A queue that is emptied in places of its own. */
export interface Queue<Item extends { readonly [key in Key]: Id }, Key extends string, Id> {
  /** Attempts that may be under way at once. Claimed ones begin at once, so no lease runs out while they wait. */
  readonly places: number;
  /** What names a row. */
  readonly key: Key;
  /** Takes rows that are due, as many as places are free. */
  claim(batch: number, underWay: readonly Id[]): Promise<readonly Item[]>;
  /** One attempt. Its place is free when this ends, so a failure ends when the database knows of it. Never rejects. */
  attempt(item: Item): Promise<void>;
}

/** When to stop. */
export interface DrainOptions {
  readonly now: () => Date;
  /** False when to take more would be to do it again later. */
  readonly goesOn?: () => boolean;
}

/** The next call comes after a minute and takes over. What is under way then ends within the 60 seconds of its lease. */
const TIME_LIMIT_MS = 50_000;
/** While some hang, others may fall due. */
const LOOK_AGAIN_MS = 1_000;
/** Attempts that end together are followed together. */
const GATHER_MS = 5;

/**
 * Empties queues side by side. No queue waits for the slowest attempt, and none for another queue.
 *
 * @returns how many were taken.
 * @throws what a claim failed with, when everything under way has ended.
 */
export async function drain<Item extends { readonly [key in Key]: Id }, Key extends string, Id>(
  queues: readonly Queue<Item, Key, Id>[],
  { now, goesOn = () => true }: DrainOptions,
): Promise<number> {
  const deadline = now().getTime() + TIME_LIMIT_MS;
  const underWay = new Map(queues.map((queue) => [queue, new Map<Id, Promise<void>>()]));
  const attempts = () => [...underWay.values()].flatMap((ofOne) => [...ofOne.values()]);
  const worthAsking = new Set(queues);
  let taken = 0;

  const fill = async (queue: Queue<Item, Key, Id>): Promise<void> => {
    const busy = underWay.get(queue) ?? new Map();
    worthAsking.delete(queue);
    if (busy.size === queue.places) return;
    const items = await queue.claim(queue.places - busy.size, [...busy.keys()]);
    taken += items.length;
    for (const item of items) {
      const id = item[queue.key];
      const end = () => {
        busy.delete(id);
        worthAsking.add(queue);
      };
      busy.set(id, queue.attempt(item).finally(end));
    }
  };

  try {
    while (now().getTime() < deadline && goesOn()) {
      await Promise.all([...worthAsking].map(fill));
      // What ended while we asked was counted as under way: there may be more.
      if (attempts().length === 0 && worthAsking.size === 0) break;
      if (worthAsking.size === 0) await firstOf(attempts(), LOOK_AGAIN_MS);
      if (worthAsking.size === 0) for (const queue of queues) worthAsking.add(queue);
      else await firstOf([], GATHER_MS);
    }
  } finally {
    await Promise.all(attempts());
  }
  return taken;
}

/** Ends with the first, or after a while. */
async function firstOf(promises: readonly Promise<void>[], waitMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  try {
    await Promise.race([...promises, late]);
  } finally {
    clearTimeout(timer);
  }
}
