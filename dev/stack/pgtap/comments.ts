import type { StackDatabase } from "../database/stack-database.ts";

/**
 * What ought to have a comment and has none, such as `column public.tasks.title`. Asks the helpers of the tests, which must
 * have run.
 */
export async function withoutComment(database: Pick<StackDatabase, "admin">): Promise<string[]> {
  const found = await database.admin.query<{ kind: string; name: string }>(
    "select kind, name from tests.without_comment() order by 1, 2",
  );
  return found.map(({ kind, name }) => `${kind} ${name}`);
}
