import { expect, test } from "vitest";
import { type Chaos, playChaos } from "../support/chaos.ts";
import { expectLegalHistories } from "../support/history.ts";
import { useArena } from "../support/use-arena.ts";

const SECONDS = Number(process.env["CHAOS_SECONDS"] ?? (process.env["TEST_ALL"] === "true" ? 60 : 20));
const SEED = Number(process.env["CHAOS_SEED"] ?? Date.now() % 1_000_000);

const arena = useArena(8);

test(`${SECONDS} s of random commands by 20 members over 8 connections (repeat with CHAOS_SEED=${SEED})`, {
  timeout: SECONDS * 5000 + 60_000,
}, async () => {
  const chaos: Chaos = await playChaos(arena, { seed: SEED, seconds: SECONDS, members: 20, workers: 8 });
  console.info(`chaos: seed ${SEED}, ${chaos.calls} calls, ${JSON.stringify(chaos.outcomes)}`);

  expect(chaos.failures, "undocumented errors, deadlocks among them").toEqual([]);
  const commands = await arena.sql<{ name: string }>(
    `select proname as name from pg_proc
     where pronamespace = 'public'::regnamespace and provolatile = 'v' and prorettype <> 'trigger'::regtype`,
  );
  expect(commands.map(({ name }) => name).filter((name) => !chaos.kinds.includes(name))).toEqual([]);
  for (const kind of chaos.kinds)
    expect(chaos.outcomes[`${kind} ok`] ?? 0, `${kind} never succeeded`).toBeGreaterThan(0);

  // When all is quiet one run of the jobs counts the rest: nothing of what happened is missing (useArena audits it).
  await arena.sql("select ops.run_due_jobs(now())");
  const [progress] = await arena.sql(`
      select events_position = (select max(id) from public.task_events where action = 'created') as all_postings,
        ledger_position = (select max(id) from public.point_transactions) as all_payments
      from private.statistics_progress`);
  expect(progress).toEqual({ all_postings: true, all_payments: true });

  // The points that exist are exactly those that were given: worked out from tasks, adjustments, bonuses and redemptions.
  const [points] = await arena.sql<{ held_by_members: number; given: number }>(`
      select (select sum(balance)::int from public.point_accounts) as held_by_members,
        (select coalesce(sum(points_reward), 0)::int from public.tasks
         where status in ('completed', 'archived') and reward_funding = 'community')
        - (select coalesce(sum(points_reward), 0)::int from public.tasks
           where status in ('open', 'assigned', 'in_progress', 'pending_confirmation') and reward_funding = 'creator')
        + (select coalesce(sum(amount), 0)::int from public.point_transactions where type in ('admin_adjustment', 'bonus'))
        - (select coalesce(sum(case when status in ('cancelled', 'failed') then 0
             when status = 'expired' then points_spent - expiry_refund_points else points_spent end), 0)::int
           from public.redemptions) as given`);
  expect(points?.held_by_members).toBe(points?.given);
  expect(await expectLegalHistories(arena.sql)).toBeGreaterThan(chaos.calls / 100);
});
