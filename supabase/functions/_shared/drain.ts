/**
 * Empties queues of the database: takes what is due, as many at once as there are slots, until nothing is. Which row
 * gets a slot, so that nobody holds them all, the database decides: it is told which rows are under way.
 *
 * @module
 */

/** A queue that is emptied in slots of its own. */
export interface Queue<Item extends { readonly [key in Key]: Id }, Key extends string, Id> {
  /** Attempts that may be under way at once. Claimed ones begin at once, so no lease runs out while they wait. */
  readonly slots: number;
  /** What names a row. */
  readonly key: Key;
  /** Takes rows that are due, as many as slots are free. */
  claim(batch: number, underWay: readonly Id[]): Promise<readonly Item[]>;
  /** One attempt. Its slot is free when this ends, so a failure ends when the database knows of it. Never rejects. */
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

/** How far one queue is. */
class Progress<Id> {
  readonly underWay = new Map<Id, Promise<void>>();
  isAsking = true;
  /** Something ended since it was asked for more. */
  hasEnded = false;

  /** Nothing is under way, and nothing was due. */
  get isIdle(): boolean {
    return this.underWay.size === 0 && !this.isAsking && !this.hasEnded;
  }
}

/**
 * Empties queues side by side. No queue waits for the slowest attempt, and none for another queue; it ends when nothing
 * is left in any.
 *
 * @returns how many were taken.
 * @throws what a claim failed with, when everything under way has ended.
 */
export async function drain<Item extends { readonly [key in Key]: Id }, Key extends string, Id>(
  queues: readonly Queue<Item, Key, Id>[],
  { now, goesOn = () => true }: DrainOptions,
): Promise<number> {
  const deadline = now().getTime() + TIME_LIMIT_MS;
  const all = queues.map((queue) => ({ queue, progress: new Progress<Id>() }));
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  let hasFailed = false;
  let taken = 0;

  const fill = async ({ slots, key, claim, attempt }: Queue<Item, Key, Id>, progress: Progress<Id>): Promise<void> => {
    const { underWay } = progress;
    progress.hasEnded = false;
    progress.isAsking = true;
    const items = underWay.size < slots ? await claim(slots - underWay.size, [...underWay.keys()]) : [];
    progress.isAsking = false;
    taken += items.length;
    for (const item of items) {
      const ended = attempt(item).finally(() => {
        underWay.delete(item[key]);
        progress.hasEnded = true;
      });
      underWay.set(item[key], ended);
    }
  };
  const empty = async (queue: Queue<Item, Key, Id>, progress: Progress<Id>): Promise<void> => {
    try {
      while (!hasFailed && goesOn() && now().getTime() < deadline) {
        await fill(queue, progress);
        if (all.every((one) => one.progress.isIdle)) return end();
        // While others are at work, this queue may get something, too.
        if (!progress.hasEnded) await firstOf([...progress.underWay.values(), isOver], LOOK_AGAIN_MS);
        if (all.every((one) => one.progress.isIdle)) return;
        if (progress.hasEnded) await firstOf([], GATHER_MS);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      if (hasFailed) end();
    }
  };

  const ends = await Promise.allSettled(all.map(({ queue, progress }) => empty(queue, progress)));
  await Promise.all(all.flatMap(({ progress }) => [...progress.underWay.values()]));
  for (const result of ends) if (result.status === "rejected") throw result.reason;
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
