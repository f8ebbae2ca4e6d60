import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { drain } from "./drain.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const now = () => new Date(0);

interface Row {
  readonly id: number;
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }));

/** A queue of rows that are all due, and what was claimed of it. */
function queueOf(due: Row[], slots: number, attempt: (row: Row) => Promise<void>) {
  const claims: { batch: number; underWay: readonly number[] }[] = [];
  const answers: Row[][] = [];
  const claim = async (batch: number, underWay: readonly number[]) => {
    claims.push({ batch, underWay });
    await wait(0);
    const answer = due.splice(0, batch);
    answers.push(answer);
    return answer;
  };
  return { queue: { slots, key: "id", claim, attempt } as const, claims, answers, due };
}

Deno.test("an empty queue is asked once, and nobody waits", async () => {
  const { queue, claims } = queueOf([], 4, async () => undefined);
  strictEqual(await drain([queue], { now }), 0);
  deepStrictEqual(claims, [{ batch: 4, underWay: [] }]);
});

Deno.test("every row is tried once, as many at a time as there are slots", async () => {
  const tried: number[] = [];
  let most = 0;
  let running = 0;
  const { queue } = queueOf(rows(50), 4, async ({ id }) => {
    running += 1;
    most = Math.max(most, running);
    tried.push(id);
    await wait(id % 3);
    running -= 1;
  });
  strictEqual(await drain([queue], { now }), 50);
  deepStrictEqual(
    tried,
    rows(50).map(({ id }) => id),
  );
  strictEqual(most, 4);
});

Deno.test("a queue whose slots all hang keeps no other waiting, and is told what hangs", async () => {
  const hanging = Promise.withResolvers<void>();
  const stuck = queueOf(rows(10), 3, () => hanging.promise);
  let done = 0;
  const lively = queueOf(rows(100), 3, async () => {
    done += 1;
    await wait(0);
  });
  const drained = drain([stuck.queue, lively.queue], { now });
  while (done < 100) await wait(1);
  strictEqual(stuck.due.length, 7);
  hanging.resolve();
  strictEqual(await drained, 110);
});

Deno.test("while one hangs, what falls due in any queue is taken", async () => {
  const hanging = Promise.withResolvers<void>();
  const one = queueOf(rows(1), 2, () => hanging.promise);
  const taken = Promise.withResolvers<void>();
  const other = queueOf([], 2, async () => taken.resolve());
  const drained = drain([one.queue, other.queue], { now });
  while (other.answers.length === 0) await wait(1);
  other.due.push({ id: 7 });
  await taken.promise;
  deepStrictEqual(one.claims.at(-1), { batch: 1, underWay: [0] });
  hanging.resolve();
  strictEqual(await drained, 2);
});

Deno.test("a claim that fails ends it, but what is under way ends first", async () => {
  const ended: number[] = [];
  const { queue } = queueOf(rows(2), 3, async ({ id }) => {
    await wait(20 * id);
    ended.push(id);
  });
  let claims = 0;
  const claim = (batch: number, underWay: readonly number[]) => {
    claims += 1;
    return claims > 1 ? Promise.reject(new Error("no answer")) : queue.claim(batch, underWay);
  };
  await rejects(drain([{ ...queue, claim }], { now }), /no answer/u);
  deepStrictEqual(ended, [0, 1]);
});

Deno.test("after 50 seconds, or when told so, no more is taken", async () => {
  let seconds = 0;
  const timed = queueOf(rows(200), 10, async () => {
    seconds += 1;
  });
  strictEqual(await drain([timed.queue], { now: () => new Date(seconds * 1_000) }), 50);

  let isFull = false;
  const told = queueOf(rows(200), 10, async () => {
    isFull = true;
  });
  strictEqual(await drain([told.queue], { now, goesOn: () => !isFull }), 10);
});
