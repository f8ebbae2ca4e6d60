import { describe, expect, test } from "vitest";
import { type JobRow, signUpBySql } from "../support/admin.ts";
import type { Task } from "../support/api-connection.ts";
import { balanceOf, bookingsOf, statusOf } from "../support/read.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { failureOf, useFaultyServer } from "./use-faulty-server.ts";

const server = useFaultyServer("failing");
const { sql } = server;
let creator: string;
let helper: string;
let task: Task;

async function finishedTask(): Promise<void> {
  [creator = "", helper = ""] = await signUpBySql(sql, 2);
  ({ task } = await playTask(server.call, creator, helper, "pending_confirmation"));
}

function confirm(statementTimeout?: string): Promise<Task> {
  return server.call(creator, "confirm_task", { task_id: task.id }, statementTimeout);
}

/** Everything a confirmation writes. */
async function traceOfConfirmation() {
  const [trace] = await sql(
    `select t.status, t.completed_at, (select count(*)::int from public.task_events e where e.task_id = t.id) as events,
       (select count(*)::int from private.audit_log a where a.subject_id = t.id) as audit_entries,
       (select count(*)::int from public.point_transactions p where p.task_id = t.id) as bookings
     from public.tasks t where t.id = $1`,
    [task.id],
  );
  return { ...trace, balance: await balanceOf(sql, helper) };
}

describe("a confirmation that cannot finish leaves nothing, and the next one pays", () => {
  test("statement timeout while it waits for the helper's account", async () => {
    await finishedTask();
    const before = await traceOfConfirmation();
    await sql("begin");
    await sql("select from public.point_accounts where user_id = $1 for update", [helper]);

    expect(await failureOf(confirm("200ms"))).toBe("57014");
    await sql("rollback");

    expect(await traceOfConfirmation()).toEqual(before);
    expect(await confirm()).toMatchObject({ status: "completed" });
  });

  test("lock timeout while somebody else holds the task", async () => {
    await finishedTask();
    await sql("begin");
    await sql("select from public.tasks where id = $1 for update", [task.id]);

    expect(await failureOf(confirm("200ms"))).toBe("57014");
    await sql("rollback");

    expect(await confirm()).toMatchObject({ status: "completed" });
  });

  test.each([
    "public.tasks",
    "public.task_events",
    "private.audit_log",
    "public.point_transactions",
    "public.point_accounts",
  ])("a failing write to %s", async (table) => {
    await finishedTask();
    const before = await traceOfConfirmation();
    // stands for any write that fails at that place: a full disk, a broken index, a constraint
    await sql(`alter table ${table} add constraint broken check (false) not valid`);

    expect(await failureOf(confirm())).toBe("23514");
    await sql(`alter table ${table} drop constraint broken`);

    expect(await traceOfConfirmation()).toEqual(before);
    expect(await confirm()).toMatchObject({ status: "completed" });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
  });

  test.each(["private.task_locations", "private.open_tasks", "public.point_transactions", "public.task_events"])(
    "a post whose write to %s fails",
    async (table) => {
      [creator = ""] = await signUpBySql(sql, 1);
      await sql("select ops.adjust_points($1, 10, 'Seed')", [creator]);
      await changeSettings(sql, { reward_funding: "creator" });
      await sql(`alter table ${table} add constraint broken check (false) not valid`);

      expect(await failureOf(server.call(creator, "create_task", taskArgs()))).toBe("23514");
      await sql(`alter table ${table} drop constraint broken`);

      expect(await sql("select 1 from public.tasks where creator_id = $1", [creator])).toEqual([]);
      expect(await balanceOf(sql, creator)).toBe(10);
    },
  );
});

describe("one broken row does not stop the jobs", () => {
  async function runJobs(): Promise<Record<string, { processed: number; failed: number }>> {
    const rows = await sql<JobRow>("select * from ops.run_due_jobs(now() + interval '15 days')");
    return Object.fromEntries(rows.map(({ job, processed, failed }) => [job, { processed, failed }]));
  }

  /** Writes past all triggers, as damage does. */
  async function damage(text: string, ...parameters: (string | number)[]): Promise<void> {
    await sql("set session_replication_role = replica");
    await sql(text, parameters);
    await sql("set session_replication_role = origin");
  }

  test("auto-confirmation", async () => {
    const tasks: Task[] = [];
    for (let index = 0; index < 5; index++) {
      await finishedTask();
      tasks.push(task);
    }
    const [broken, ...others] = tasks;
    await damage(
      "update public.point_accounts set balance = $2 where user_id = $1",
      broken?.helper_id ?? "",
      2_147_483_647,
    );

    expect((await runJobs())["confirm_tasks"]).toEqual({ processed: 4, failed: 1 });
    for (const other of others) expect(await statusOf(sql, other.id)).toBe("completed");
    expect(await statusOf(sql, broken?.id ?? "")).toBe("pending_confirmation");

    await damage("update public.point_accounts set balance = $2 where user_id = $1", broken?.helper_id ?? "", 0);
    expect((await runJobs())["confirm_tasks"]).toEqual({ processed: 1, failed: 0 });
    expect(await bookingsOf(sql, broken?.id ?? "")).toEqual(["task_completed 10"]);
  });

  test("expiry", async () => {
    await changeSettings(sql, { reward_funding: "creator" });
    const creators = await signUpBySql(sql, 5);
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    for (const someone of creators) {
      await sql("select ops.adjust_points($1, 10, 'Seed')", [someone]);
      await server.call(someone, "create_task", taskArgs({ expires_at }));
    }
    const [broken = ""] = creators;
    await damage("update public.point_accounts set balance = $2 where user_id = $1", broken, 2_147_483_647);

    expect((await runJobs())["expire_tasks"]).toEqual({ processed: 4, failed: 1 });

    await damage("update public.point_accounts set balance = $2 where user_id = $1", broken, 0);
    expect((await runJobs())["expire_tasks"]).toEqual({ processed: 1, failed: 0 });
    for (const someone of creators) expect(await balanceOf(sql, someone)).toBe(10);
  });

  test("the jobs are idempotent: a second run finds nothing to do", async () => {
    await finishedTask();
    expect((await runJobs())["confirm_tasks"]).toEqual({ processed: 1, failed: 0 });
    const again = await runJobs();
    expect(Object.keys(again).length).toBeGreaterThan(5);
    for (const [job, done] of Object.entries(again)) expect([job, done]).toEqual([job, { processed: 0, failed: 0 }]);
  });
});
