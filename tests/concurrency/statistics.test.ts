import fc from "fast-check";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { openAdmin, signUpBySql } from "../support/admin.ts";
import { slugOf } from "../support/api-connection.ts";
import { admin, member, type Racer } from "../support/arena.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * The counters of statistics equal a recomputation whatever writes while the job counts. Ids of the ledger and of events are
 * drawn before their rows are committed; a job that counted by id alone would skip those of whoever commits late.
 */

const SEED = Number(process.env["STATISTICS_SEED"] ?? Date.now() % 1_000_000);
const arena = useArena(12);
const { sql } = arena;
const call = arena.call.bind(arena);

/** Counts 20 rows at most, so that histories need several runs. */
const COUNT = "select processed from private.count_statistics(now(), 1)";
const NOTHING = [{ processed: 0 }];
const confirm = (creator: string, taskId: string): Racer => member(creator, "confirm_task", { task_id: taskId });

async function countEverything(): Promise<void> {
  await sql("select private.count_statistics(now(), 1000)");
}

async function expectCounted(): Promise<void> {
  expect(await sql("select * from ops.audit_statistics()")).toEqual([]);
}

async function helpedBy(helper: string): Promise<number> {
  const [row] = await sql<{ tasks_helped: number }>(
    "select tasks_helped from private.member_totals where user_id = $1",
    [helper],
  );
  return row?.tasks_helped ?? 0;
}

/** A task that waits for confirmation. */
async function finishedTask(creator: string, helper: string, points = 10): Promise<string> {
  const { task } = await playTask(call, creator, helper, "pending_confirmation", { points_reward: points });
  return task.id;
}

describe("a writer that has drawn an id and not committed", () => {
  let creator: string;
  let slow: string;
  let quick: string;
  beforeAll(async () => {
    [creator = "", slow = "", quick = ""] = await signUpBySql(sql, 3);
  });

  test.each(["commit", "rollback"] as const)("is waited for, until its %s", async (end) => {
    const [late, early] = [await finishedTask(creator, slow), await finishedTask(creator, quick)];
    await countEverything();
    const before = { slow: await helpedBy(slow), quick: await helpedBy(quick) };

    const writer = await confirm(creator, late).open(arena);
    await writer.run();
    await call(creator, "confirm_task", { task_id: early });
    await countEverything();
    // the payment committed later has the larger id: it must not be counted past the open one
    expect({ slow: await helpedBy(slow), quick: await helpedBy(quick) }).toEqual(before);
    await countEverything();
    expect(await helpedBy(quick), "as long as it takes").toBe(before.quick);
    await expectCounted();

    await writer[end]();
    await countEverything();
    expect({ slow: await helpedBy(slow), quick: await helpedBy(quick) }).toEqual({
      slow: before.slow + (end === "commit" ? 1 : 0),
      quick: before.quick + 1,
    });
    await expectCounted();
    if (end === "rollback") await call(creator, "confirm_task", { task_id: late });
  });

  test("holds up what comes after it only, not what was there before", async () => {
    const [first, second] = [await finishedTask(creator, quick), await finishedTask(creator, slow)];
    await countEverything();
    const before = await helpedBy(quick);
    await call(creator, "confirm_task", { task_id: first });
    const other = await confirm(creator, second).open(arena);
    await other.run();
    await countEverything(); // puts the fence up
    await other.commit();
    const next = await member(creator, "create_task", taskArgs({ points_reward: 1 })).open(arena);
    await next.run();
    await countEverything(); // who wrote then has ended; who writes now came later
    expect(await helpedBy(quick)).toBe(before + 1);
    await next.commit();
  });

  test("reading transactions hold up nothing", async () => {
    const task = await finishedTask(creator, quick);
    const reader = await admin("select count(*) from public.point_transactions").open(arena);
    await reader.run();
    const before = await helpedBy(quick);
    await call(creator, "confirm_task", { task_id: task });
    await countEverything();
    expect(await helpedBy(quick)).toBe(before + 1);
    await reader.rollback();
  });
});

test("two runs at the same time count everything once", async () => {
  const [creator = "", helper = ""] = await signUpBySql(sql, 2);
  const task = await finishedTask(creator, helper);
  await countEverything();
  await call(creator, "confirm_task", { task_id: task });

  const { first, second } = await arena.interleave(admin(COUNT), admin(COUNT));
  expect([first.row, second.row]).toEqual([[{ processed: expect.any(Number) }], NOTHING]);
  await arena.race(Array.from({ length: 8 }, () => admin(COUNT)));
  expect(await helpedBy(helper)).toBe(1);
  await expectCounted();
});

test("the clock changes between two runs, so that none counts by the old one what comes after", async () => {
  const changeClock = admin("update private.settings set time_zone = 'Pacific/Kiritimati'");
  const { waited } = await arena.interleave(admin(COUNT), changeClock);
  expect(waited).toBe(true);
  await changeSettings(sql, { time_zone: "UTC" });
  const { second } = await arena.interleave(changeClock, admin(COUNT));
  expect(second.row).toEqual(NOTHING);
  await countEverything();
  await expectCounted();
});

test("a run whose server process dies leaves nothing half counted", async () => {
  const [creator = "", helper = ""] = await signUpBySql(sql, 2);
  const task = await finishedTask(creator, helper);
  await call(creator, "confirm_task", { task_id: task });

  // a connection of its own: it does not survive
  const dying = openAdmin(inject("server").owner, 1);
  await dying.sql("begin");
  const [{ pid } = { pid: 0 }] = await dying.sql<{ pid: number }>("select pg_backend_pid() as pid");
  expect(await dying.sql(COUNT)).not.toEqual(NOTHING);
  await sql("select pg_terminate_backend($1, 5000)", [pid]);
  await dying.close();
  expect(await helpedBy(helper)).toBe(0);
  await expectCounted();
  await countEverything();
  expect(await helpedBy(helper)).toBe(1);
  await expectCounted();
});

test("a job in a transaction with a fixed view counts nothing, rather than too little", async () => {
  const { connection } = await arena.takeAdminConnection();
  try {
    await connection.unsafe("begin isolation level repeatable read");
    expect([...(await connection.unsafe(COUNT))]).toEqual(NOTHING);
  } finally {
    await connection.unsafe("rollback");
    connection.release();
  }
});

test("opting out while the job runs holds", async () => {
  const [creator = "", helper = ""] = await signUpBySql(sql, 2);
  await sql("update public.user_settings set show_on_leaderboard = true where user_id = $1", [helper]);
  const task = await finishedTask(creator, helper);
  await call(creator, "confirm_task", { task_id: task });
  const optOut = member(helper, "update_settings", { show_on_leaderboard: false });

  await arena.interleave(admin(COUNT), optOut);
  const shown = () =>
    sql(
      `select from private.leaderboard_entries e where e.user_id = $1 and e.is_shown
         and e.user_id not in (select c.user_id from private.leaderboard_changes c)`,
      [helper],
    );
  expect(await shown()).toEqual([]);
  await countEverything();
  expect(await shown()).toEqual([]);
  await expectCounted();
});

/** One step of a random history. Numbers pick among what is there. */
type Step =
  | { do: "post" | "confirm" | "bonus"; who: number; how: "commit" | "rollback" | "leave open" }
  | { do: "end"; which: number; how: "commit" | "rollback" }
  | { do: "count"; how: "commit" | "rollback" | "twice" }
  | { do: "show" | "hide" | "ban" | "unban"; who: number }
  | { do: "clock"; zone: string };

const person = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("post" as const, "confirm" as const, "bonus" as const),
      who: person,
      how: fc.constantFrom("commit" as const, "rollback" as const, "leave open" as const, "leave open" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      which: person,
      how: fc.constantFrom("commit", "rollback"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("count" as const), how: fc.constantFrom("commit", "rollback", "twice") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("show", "hide", "ban", "unban"), who: person }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("clock"),
      zone: fc.constantFrom("Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
    }),
  },
) as fc.Arbitrary<Step>;

/** Figures of four members, worked out from tasks and ledger by other means than the job's and the audit's. */
const EXPECTED = `
  select u.id,
    (select count(*)::int from public.tasks t where t.creator_id = u.id) as tasks_created,
    (select count(*)::int from public.tasks t where t.creator_id = u.id and t.completed_at is not null) as tasks_completed,
    (select count(*)::int from public.tasks t where t.helper_id = u.id and t.completed_at is not null) as tasks_helped,
    (select coalesce(sum(t.points_reward), 0)::int from public.tasks t where t.helper_id = u.id and t.completed_at is not null) as points_earned,
    (select coalesce(sum(t.points_reward), 0)::int from public.tasks t where t.helper_id = u.id and t.completed_at is not null
       and exists (select from public.user_settings s where s.user_id = u.id and s.show_on_leaderboard) and not u.is_banned) as points_shown,
    (select coalesce(sum(t.points_reward), 0)::int from public.tasks t where t.helper_id = u.id and t.completed_at is not null)
      + (select coalesce(sum(p.amount), 0)::int from public.point_transactions p where p.user_id = u.id and p.type = 'bonus') as points_issued
  from public.users u where u.id = any ($1::uuid[]) order by u.id`;
const COUNTED = `
  select u.id, coalesce(m.tasks_created, 0) as tasks_created, coalesce(m.tasks_completed, 0) as tasks_completed,
    coalesce(m.tasks_helped, 0) as tasks_helped, coalesce(m.points_earned, 0)::int as points_earned,
    (select coalesce(sum(e.points), 0)::int from private.leaderboard_entries e where e.user_id = u.id and e.period = 'all' and e.is_shown) as points_shown,
    (select coalesce(sum(n.points_issued), 0)::int from private.member_months n where n.user_id = u.id) as points_issued
  from public.users u left join private.member_totals m on m.user_id = u.id where u.id = any ($1::uuid[]) order by u.id`;

type Writer = Awaited<ReturnType<Racer["open"]>>;

/** Four members, each of whom finished a task of the next one, and their transactions that are still open. */
class History {
  readonly members: readonly string[];
  readonly #waiting: Map<number, string>;
  readonly #open = new Map<number, Writer>();
  counts = 0;

  private constructor(members: readonly string[], waiting: Map<number, string>) {
    this.members = members;
    this.#waiting = waiting;
  }

  static async begin(): Promise<History> {
    const members = await signUpBySql(sql, 4);
    const history = new History(members, new Map());
    for (const index of members.keys()) {
      const task = await finishedTask(history.#at(index + 1), history.#at(index), 7 * (index + 1));
      history.#waiting.set(index, task);
    }
    return history;
  }

  async play(now: Step): Promise<void> {
    if (now.do === "count") return this.#count(now.how);
    if (now.do === "end") return this.#end(now.which, now.how);
    if (now.do === "clock") return changeSettings(sql, { time_zone: now.zone });
    // everybody writes in one transaction at a time, or members would wait for themselves
    if (this.#open.has(now.who)) return;
    const who = this.#at(now.who);
    switch (now.do) {
      case "post":
        return this.#write(now.who, member(who, "create_task", taskArgs()), now.how);
      case "bonus": {
        const book =
          "insert into public.point_transactions (user_id, amount, type, balance_after) values ($1, 3, 'bonus', 0)";
        return this.#write(now.who, admin(book, who), now.how);
      }
      case "confirm": {
        const task = this.#waiting.get(now.who);
        if (task === undefined) return;
        if (now.how !== "rollback") this.#waiting.delete(now.who);
        return this.#write(now.who, confirm(this.#at(now.who + 1), task), now.how);
      }
      case "ban":
      case "unban":
        await sql("update public.users set is_banned = $2 where id = $1", [who, now.do === "ban"]);
        return;
      default:
        await sql("update public.user_settings set show_on_leaderboard = $2 where user_id = $1", [
          who,
          now.do === "show",
        ]);
    }
  }

  /** All transactions end, and the job counts until there is nothing left. */
  async finish(): Promise<void> {
    for (const index of [...this.#open.keys()]) await this.#end(index, "commit");
    await countEverything();
    await expectCounted();
  }

  #at(index: number): string {
    return this.members[index % this.members.length] ?? "";
  }

  async #write(who: number, racer: Racer, how: "commit" | "rollback" | "leave open"): Promise<void> {
    const writer = await racer.open(arena);
    try {
      await writer.run();
    } catch (error) {
      await writer.rollback();
      expect(slugOf(error)).toBe("user_banned");
      return;
    }
    if (how === "leave open") this.#open.set(who, writer);
    else await writer[how]();
  }

  async #end(who: number, how: "commit" | "rollback"): Promise<void> {
    const writer = this.#open.get(who);
    this.#open.delete(who);
    await writer?.[how]();
  }

  async #count(how: "commit" | "rollback" | "twice"): Promise<void> {
    this.counts++;
    if (how === "twice") await arena.race([admin(COUNT), admin(COUNT)]);
    else await this.#write(-1, admin(COUNT), how);
    await expectCounted();
  }
}

test(`random histories with writers that stay open (repeat with STATISTICS_SEED=${SEED})`, async () => {
  let counts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: "max" }), async (steps) => {
      const history = await History.begin();
      try {
        for (const now of steps) await history.play(now);
      } finally {
        await history.finish();
      }
      counts += history.counts;
      expect(await sql(COUNTED, [[...history.members]])).toEqual(await sql(EXPECTED, [[...history.members]]));
    }),
    { seed: SEED, numRuns: 8 },
  );
  expect(counts).toBeGreaterThan(8);
});
