import { expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, member, tally, times } from "../support/arena.ts";
import { countTasks } from "../support/read.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const ROUNDS = 5;
const arena = useArena(60);
const { sql } = arena;
const call = arena.call.bind(arena);

/** A full board: as many open tasks as one member may have, the last posted expiring first. */
async function fillBoard(creator: string, helper: string): Promise<void> {
  for (let index = 0; index < 20; index++) {
    const expires_at = new Date(Date.now() + (60 - index) * 60_000).toISOString();
    await playTask(call, creator, helper, "open", { points_reward: 1, expires_at });
  }
}

const BAN = "select ops.ban_user($1, 'Spam')";
const UNBAN = "select ops.unban_user($1)";
const TOMORROW = "now() + interval '1 day'";

test("ban × posts: whatever was posted, a banned member has nothing in the search", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [creator = ""] = await signUpBySql(sql, 1);

    const outcomes = await arena.race([
      ...times(40, member(creator, "create_task", taskArgs({ points_reward: 1 }))),
      admin(BAN, creator),
    ]);

    expect(
      Object.keys(tally(outcomes)).every((kind) => ["ok", "user_banned", "open_task_limit_reached"].includes(kind)),
    ).toBe(true);
    expect(await sql("select 1 from private.open_tasks where creator_id = $1", [creator])).toEqual([]);
  }
});

test("bans, unbans and expiry of the same tasks never lock each other out", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    await fillBoard(creator, helper);

    await arena.race([jobs(TOMORROW), admin(BAN, creator), admin(UNBAN, creator), jobs(TOMORROW), admin(BAN, creator)]);
    await arena.race([admin(UNBAN, creator)]);
    await arena.race([jobs(TOMORROW)]);

    expect(await countTasks(sql, creator, "expired")).toBe(20);
  }
});

test("a ban and edits of the same tasks never lock each other out", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    await fillBoard(creator, helper);
    const tasks = await sql<{ id: string }>("select id from public.tasks where creator_id = $1", [creator]);

    const outcomes = await arena.race([
      ...tasks.map(({ id }) => member(creator, "update_task", { task_id: id, title: "Something else" })),
      admin(BAN, creator),
      ...tasks.map(({ id }) => member(creator, "update_task", { task_id: id, description: "In other words" })),
    ]);

    expect(Object.keys(tally(outcomes)).every((kind) => ["ok", "user_banned"].includes(kind))).toBe(true);
    expect(await sql("select 1 from private.open_tasks where creator_id = $1", [creator])).toEqual([]);
  }
});

test("deleting a creator while they post leaves no open task behind", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [creator = ""] = await signUpBySql(sql, 1);

    const outcomes = await arena.race([
      ...times(30, member(creator, "create_task", taskArgs({ points_reward: 1 }))),
      admin(DELETE_LOGIN, creator),
    ]);

    const { ok = 0 } = tally(outcomes);
    expect(await countTasks(sql, creator, "open")).toBe(0);
    expect(await countTasks(sql, creator, "cancelled")).toBe(ok - 1);
  }
});

test("deleting a helper, expiry and withdrawals of the same offers never lock each other out", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    await fillBoard(creator, helper);
    const offers = await sql<{ id: string }>("select id from public.task_offers where helper_id = $1", [helper]);

    const outcomes = await arena.race([
      jobs(TOMORROW),
      admin(DELETE_LOGIN, helper),
      ...offers.map(({ id }) => member(helper, "withdraw_offer", { offer_id: id })),
      ...offers.map(({ id }) => member(creator, "accept_offer", { offer_id: id })),
    ]);

    expect(tally(outcomes)["ok"]).toBeGreaterThanOrEqual(2);
    expect(await sql("select 1 from public.tasks where helper_id = $1", [helper])).toEqual([]);
    expect(
      await sql("select 1 from public.task_offers where helper_id = $1 and status in ('pending', 'not_chosen')", [
        helper,
      ]),
    ).toEqual([]);
  }
});

test("neighbours who help each other and are deleted and banned at once never lock each other out", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const members = await signUpBySql(sql, 4);
    for (const [index, creator] of members.entries()) {
      for (let step = 1; step < members.length; step++) {
        const helper = members[(index + step) % members.length] ?? "";
        await playTask(call, creator, helper, step === 1 ? "open" : "assigned", { points_reward: 1 });
      }
    }

    const outcomes = await arena.race([
      ...members.slice(0, 2).map((someone) => admin(DELETE_LOGIN, someone)),
      ...members.map((someone) => admin(BAN, someone)),
      ...members.flatMap((someone) => times(5, member(someone, "create_task", taskArgs({ points_reward: 1 })))),
    ]);

    expect(tally(outcomes)["ok"]).toBeGreaterThanOrEqual(6);
    for (const erased of members.slice(0, 2)) {
      expect(
        await sql(
          "select 1 from public.tasks where $1 in (creator_id, helper_id) and status in ('open', 'assigned', 'in_progress') limit 1",
          [erased],
        ),
      ).toEqual([]);
    }
  }
});

test("100 members signing up at once have all their rows", async () => {
  const ids = (await Promise.all(Array.from({ length: 20 }, () => signUpBySql(sql, 5)))).flat();
  const [counts] = await sql(
    `select (select count(*)::int from public.users where id = any ($1::uuid[])) as users,
      (select count(*)::int from public.user_contacts where user_id = any ($1::uuid[])) as contacts,
      (select count(*)::int from public.point_accounts where user_id = any ($1::uuid[])) as accounts`,
    [ids],
  );
  expect(counts).toEqual({ users: 100, contacts: 100, accounts: 100 });
});
