import type { Sql } from "./admin.ts";

/** Lets a month pass since the helper of a task was expected. */
export async function makeOverdue(sql: Sql, taskId: string): Promise<void> {
  await sql("update private.tasks_under_way set expected_at = now() - interval '30 days' where task_id = $1", [taskId]);
}

/** Id of the newest no-show of a member; 0 for none. */
export async function newestNoShowOf(sql: Sql, memberId: string): Promise<number> {
  const [row] = await sql<{ id: number }>(
    "select max(id)::integer as id from public.lapses where helper_id = $1 and kind = 'no_show'",
    [memberId],
  );
  return row?.id ?? 0;
}
