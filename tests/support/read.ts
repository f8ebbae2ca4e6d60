import type { Sql } from "./admin.ts";
import type { Task } from "./api-connection.ts";

/** State a task is in. */
export async function statusOf(sql: Sql, taskId: string): Promise<string | undefined> {
  const [task] = await sql<Pick<Task, "status">>("select status from public.tasks where id = $1", [taskId]);
  return task?.status;
}

/** Helper of a task; null while it has none. */
export async function helperOf(sql: Sql, taskId: string): Promise<string | null | undefined> {
  const [task] = await sql<Pick<Task, "helper_id">>("select helper_id from public.tasks where id = $1", [taskId]);
  return task?.helper_id;
}

/** Points in a member's account. */
export async function balanceOf(sql: Sql, memberId: string): Promise<number | undefined> {
  const [account] = await sql<{ balance: number }>("select balance from public.point_accounts where user_id = $1", [
    memberId,
  ]);
  return account?.balance;
}

/** Amounts booked for a task, in booking order, as `type amount`. */
export async function bookingsOf(sql: Sql, taskId: string): Promise<string[]> {
  const rows = await sql<{ booking: string }>(
    "select type || ' ' || amount as booking from public.point_transactions where task_id = $1 order by id",
    [taskId],
  );
  return rows.map((row) => row.booking);
}

/** State of each offer on a task, by helper. */
export async function offerStatuses(sql: Sql, taskId: string): Promise<Record<string, string>> {
  const rows = await sql<{ helper_id: string; status: string }>(
    "select helper_id, status from public.task_offers where task_id = $1",
    [taskId],
  );
  return Object.fromEntries(rows.map((row) => [row.helper_id, row.status]));
}

/** Number of a creator's tasks in a state. */
export async function countTasks(sql: Sql, creatorId: string, status: string): Promise<number> {
  const rows = await sql("select 1 from public.tasks where creator_id = $1 and status = $2", [creatorId, status]);
  return rows.length;
}
