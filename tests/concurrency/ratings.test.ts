import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, member, type Racer, rowsOf, tally, times } from "../support/arena.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const RATERS = 50;
const arena = useArena(RATERS + 10);
const { sql } = arena;
const call = arena.call.bind(arena);
const IN_7_DAYS = "now() + interval '7 days'";

interface Rating {
  id: string;
  task_id: string;
  rater_id: string;
  ratee_id: string;
  score: number;
  comment: string | null;
  created_at: string;
  updated_at: string;
  revealed_at: string | null;
}

function rate(rater: string, task_id: string, score: number, comment = "Thank you"): Racer {
  return member(rater, "rate_task", { task_id, score, comment });
}

async function completed(creator: string, helper: string): Promise<string> {
  const { task } = await playTask(call, creator, helper, "completed", { points_reward: 1 });
  return task.id;
}

async function countersOf(userId: string): Promise<[number, number]> {
  const [user] = await sql<{ rating_count: number; rating_average: string }>(
    "select rating_count, rating_average from public.users where id = $1",
    [userId],
  );
  return [user?.rating_count ?? -1, Number(user?.rating_average)];
}

async function ratingsOf(taskId: string): Promise<Rating[]> {
  return sql<Rating>("select * from public.ratings where task_id = $1 order by created_at, id", [taskId]);
}

async function settle(taskId: string): Promise<(number | null)[]> {
  return (await ratingsOf(taskId)).map((rating) => (rating.revealed_at === null ? null : rating.score));
}

let anna: string;
let ben: string;
beforeEach(async () => {
  [anna = "", ben = ""] = await signUpBySql(sql, 2);
});

test("50 ratings of one person at once, each revealed by it, are all counted", async () => {
  const raters = await signUpBySql(sql, RATERS);
  const tasks: string[] = [];
  for (const rater of raters) {
    const id = await completed(rater, ben);
    await call(ben, "rate_task", { task_id: id, score: 3 });
    tasks.push(id);
  }

  const outcomes = await arena.race(raters.map((rater, index) => rate(rater, tasks[index] ?? "", (index % 5) + 1)));

  expect(tally(outcomes)).toEqual({ ok: RATERS });
  expect(rowsOf<Rating>(outcomes).every(({ revealed_at }) => revealed_at !== null)).toBe(true);
  expect(await countersOf(ben)).toEqual([RATERS, 3]);
  for (const rater of raters) expect(await countersOf(rater)).toEqual([1, 3]);
});

test("20 hidden ratings of one person, revealed by the job and by answers at once, are all counted", async () => {
  const raters = await signUpBySql(sql, 20);
  const tasks: string[] = [];
  for (const rater of raters) {
    const id = await completed(rater, ben);
    await call(rater, "rate_task", { task_id: id, score: 4 });
    tasks.push(id);
  }

  const outcomes = await arena.race([
    ...tasks.map((id) => rate(ben, id, 2)),
    jobs(IN_7_DAYS),
    jobs(IN_7_DAYS),
    jobs(IN_7_DAYS),
  ]);

  expect(tally(outcomes)).toEqual({ ok: 23 });
  expect(await countersOf(ben)).toEqual([20, 4]);
  for (const rater of raters) expect(await countersOf(rater)).toEqual([1, 2]);
});

describe("both sides at once", () => {
  test("are both revealed, whoever comes second", async () => {
    for (let round = 0; round < 5; round++) {
      const id = await completed(anna, ben);
      const outcomes = await arena.race([rate(anna, id, 5), rate(ben, id, 4)]);
      expect(tally(outcomes)).toEqual({ ok: 2 });
      expect((await settle(id)).toSorted()).toEqual([4, 5]);
    }
    expect(await countersOf(anna)).toEqual([5, 4]);
    expect(await countersOf(ben)).toEqual([5, 5]);
  });

  test("of many tasks between the same people, in both directions, never lock each other out", async () => {
    const tasks: string[] = [];
    for (let index = 0; index < 12; index++) {
      tasks.push(await (index % 2 === 0 ? completed(anna, ben) : completed(ben, anna)));
    }
    const outcomes = await arena.race(tasks.flatMap((id) => [rate(anna, id, 5), rate(ben, id, 1)]));
    expect(tally(outcomes)).toEqual({ ok: 24 });
    expect(await countersOf(anna)).toEqual([12, 1]);
    expect(await countersOf(ben)).toEqual([12, 5]);
  });

  test("the second one waits for the first and sees it", async () => {
    const id = await completed(anna, ben);
    const { first, second, waited } = await arena.interleave(rate(anna, id, 5), rate(ben, id, 4));
    expect([first.slug, second.slug, waited]).toEqual([undefined, undefined, true]);
    expect((first.row as Rating).revealed_at).toBeNull();
    expect((second.row as Rating).revealed_at).not.toBeNull();
    expect((await settle(id)).toSorted()).toEqual([4, 5]);
  });
});

test("30 times the same rating at once is one rating", async () => {
  const id = await completed(anna, ben);
  const outcomes = await arena.race(times(30, rate(anna, id, 5)));
  expect(tally(outcomes)).toEqual({ ok: 30 });
  expect(new Set(rowsOf<Rating>(outcomes).map((row) => JSON.stringify(row))).size).toBe(1);
  expect(await settle(id)).toEqual([null]);
});

describe("change × reveal", () => {
  test("whichever comes first, what is counted is what is written; the change is too late after the reveal", async () => {
    for (const order of [0, 1]) {
      const id = await completed(anna, ben);
      await call(anna, "rate_task", { task_id: id, score: 1 });
      const change = rate(anna, id, 5, "I was wrong.");
      const reveal = rate(ben, id, 3);
      const { first, second } = await (order === 0
        ? arena.interleave(change, reveal)
        : arena.interleave(reveal, change));
      expect([first.slug, second.slug]).toEqual([undefined, order === 0 ? undefined : "rating_final"]);
      expect((await settle(id)).toSorted()).toEqual(order === 0 ? [3, 5] : [1, 3]);
    }
    expect(await countersOf(ben)).toEqual([2, 3]);
  });

  test("a change while the job reveals is counted once", async () => {
    for (const order of [0, 1]) {
      const id = await completed(anna, ben);
      await call(anna, "rate_task", { task_id: id, score: 1 });
      const change = rate(anna, id, 5);
      const { first, second } = await (order === 0
        ? arena.interleave(change, jobs(IN_7_DAYS))
        : arena.interleave(jobs(IN_7_DAYS), change));
      expect([first.slug, second.slug]).toEqual([undefined, order === 0 ? undefined : "rating_final"]);
      await arena.race([jobs(IN_7_DAYS)]); // what was busy comes with the next run
      expect(await settle(id)).toEqual([order === 0 ? 5 : 1]);
    }
    expect(await countersOf(ben)).toEqual([2, 3]);
  });
});

describe("erasure", () => {
  test.each([
    ["the author", () => anna],
    ["the rated member", () => ben],
  ])("of %s while a rating is written leaves no comment, in either order", async (_who, erased) => {
    for (const order of [0, 1]) {
      [anna = "", ben = ""] = await signUpBySql(sql, 2);
      const id = await completed(anna, ben);
      const write = rate(anna, id, 2, "About a person who leaves.");
      const erase = admin(DELETE_LOGIN, erased());
      const { first, second, waited } = await (order === 0
        ? arena.interleave(write, erase)
        : arena.interleave(erase, write));
      expect(waited).toBe(true);
      const slugs = [first.slug, second.slug];
      expect(slugs).toEqual([undefined, order === 1 && erased() === anna ? "user_inactive" : undefined]);
      expect((await ratingsOf(id)).map(({ comment }) => comment).filter((comment) => comment !== null)).toEqual([]);
    }
  });

  test("× ratings from both sides × the job × posts never lock each other out", async () => {
    for (let round = 0; round < 2; round++) {
      const people = await signUpBySql(sql, 4);
      const [first = "", second = ""] = people;
      const pairs = people.flatMap((one) => people.filter((other) => other !== one).map((other) => [one, other]));
      const tasks: [string, string, string][] = [];
      for (const [creator = "", helper = ""] of pairs) tasks.push([creator, helper, await completed(creator, helper)]);

      const outcomes = await arena.race([
        ...tasks.flatMap(([creator, helper, id]) => [rate(creator, id, 2), rate(helper, id, 5)]),
        admin(DELETE_LOGIN, first),
        admin(DELETE_LOGIN, second),
        jobs(IN_7_DAYS),
        ...people.map((someone) => member(someone, "create_task", taskArgs({ points_reward: 1 }))),
      ]);

      expect(Object.keys(tally(outcomes)).every((slug) => ["ok", "user_inactive"].includes(slug))).toBe(true);
      await arena.race([jobs(IN_7_DAYS)]);
      expect(
        await sql("select 1 from public.ratings where $1 in (rater_id, ratee_id) and comment is not null", [first]),
      ).toEqual([]);
      expect(await sql("select 1 from public.ratings where revealed_at is null")).toEqual([]);
    }
  });
});

test("another formula while ratings are revealed holds for every one of them", async () => {
  const raters = await signUpBySql(sql, 20);
  const tasks: string[] = [];
  for (const rater of raters) {
    const id = await completed(rater, ben);
    await call(ben, "rate_task", { task_id: id, score: 3 });
    tasks.push(id);
  }

  const outcomes = await arena.race([
    ...raters.map((rater, index) => rate(rater, tasks[index] ?? "", 5)),
    admin("update private.settings set trust_formula = 'bayesian'"),
    admin("update private.settings set trust_weight = 20"),
    jobs(IN_7_DAYS),
  ]);

  expect(tally(outcomes)).toEqual({ ok: 23 });
  expect(await sql("select * from ops.audit_ratings()")).toEqual([]);
  const [row] = await sql<{ trust_score: string }>("select trust_score from public.users where id = $1", [ben]);
  expect(row?.trust_score).toBe("4.25"); // (3.5 x 20 + 100) / 40
});
