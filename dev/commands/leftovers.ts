import { StackError } from "../base/stack-error.ts";
import type { SqlSession } from "../stack/database/session.ts";

/** What a change that failed halfway has left in a database, a sentence each: it says how to get rid of it. */
export async function leftoversIn(session: SqlSession): Promise<readonly string[]> {
  const indexes = await session.query<{ name: string }>(`
    select format('%I.%I', c.relnamespace::regnamespace, c.relname) as name
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where not i.indisvalid and c.relnamespace::regnamespace::text in ('public', 'private', 'ops')
      -- one that is being made right now
      and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
    order by 1`);
  return indexes.map(
    ({ name }) =>
      `the index ${name} is invalid, left by a create or drop index concurrently that failed: drop index concurrently ${name};`,
  );
}

/** @throws StackError naming what was left. */
export async function refuseLeftovers(session: SqlSession): Promise<void> {
  const [first, ...others] = await leftoversIn(session);
  if (first === undefined) return;
  throw new StackError([first, ...others].join(" "));
}
