import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { isConcurrent } from "../../dev/schemas/safety/locks.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { runStatements } from "../../dev/stack/database/transaction.ts";
import { targetsOf } from "./losses.ts";
import type { Step } from "./plan.ts";

/** What waits for a lock lets everybody wait behind it. */
const LOCK_TIMEOUT = { sql: "set local lock_timeout = '1s'", line: 1 };

/**
 * Takes a migration back and out of the history, in one transaction; what works concurrently before that, outside.
 *
 * @param mayDelete lets go what the text of the rollback does not say that it deletes.
 * @throws StackError with file, line and reason; nothing remains of the attempt then.
 */
export async function takeBack(session: SqlSession, step: Step, mayDelete: boolean): Promise<void> {
  const file = `supabase/rollbacks/${step.migration.file}`;
  const isOutside = step.back.some(({ node }) => isConcurrent(node));
  const before = isOutside ? undefined : await filledColumns(session);
  const statements = (isOutside ? step.back : [LOCK_TIMEOUT, ...step.back]).map(({ sql, line }) => ({
    sql,
    line,
    file,
  }));
  try {
    await runStatements(session, statements, async () => {
      if (before !== undefined && !mayDelete) await refuseHidden(session, step, before);
      await forget(session, step.migration.version);
    });
  } catch (error) {
    throw new StackError(`${messageOf(error)}${isBusy(error) ? ": others use it, run it again" : ""}`, {
      cause: error,
    });
  }
}

/** Whether it gave up because others hold a table. */
export const isBusy = (error: unknown): boolean => /lock timeout/u.test(messageOf(error));

/** By `oid.attnum`: names of all columns of tables that have rows. */
type Columns = ReadonlyMap<string, string>;

async function filledColumns(session: SqlSession): Promise<Columns> {
  const tables = await session.query<{ name: string; oid: number }>(`
    select format('%I.%I', relnamespace::regnamespace, relname) as name, oid::bigint from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text in ('public', 'private', 'ops')`);
  if (tables.length === 0) return new Map();
  const filled = await session.query<{ oid: number }>(
    tables
      .map(({ name, oid }) => `select ${oid}::bigint as oid where exists (select from ${name})`)
      .join(" union all "),
  );
  return await columnsOf(
    session,
    filled.map(({ oid }) => oid),
  );
}

async function columnsOf(session: SqlSession, tables: readonly number[]): Promise<Columns> {
  const rows = await session.query<{ key: string; name: string }>(
    `select c.oid || '.' || a.attnum as key, format('%I.%I.%I', c.relnamespace::regnamespace, c.relname, a.attname) as name
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.oid = any ($1::bigint[]::oid[])`,
    [`{${tables.join()}}`],
  );
  return new Map(rows.map(({ key, name }) => [key, name]));
}

/** A block of code or a cascade deletes without a statement that says so: it is seen before the commit. */
async function refuseHidden(session: SqlSession, step: Step, before: Columns): Promise<void> {
  const said = targetsOf(step);
  const now = await columnsOf(session, [...new Set([...before.keys()].map((key) => Number(key.split(".")[0])))]);
  const gone = [...before].flatMap(([key, name]) => (now.has(key) ? [] : [name]));
  const hidden = gone.filter(
    (name) =>
      !said.some(
        ({ table, column }) => name === `${table}.${column}` || (column === undefined && name.startsWith(`${table}.`)),
      ),
  );
  const written = await session.query<{ name: string }>(`
    select format('%I.%I', schemaname, relname) as name from pg_stat_xact_user_tables
    where n_tup_del + n_tup_upd > 0 and schemaname in ('public', 'private')`);
  const brought = step.forth.flatMap(({ node }) =>
    "InsertStmt" in node ? [`${node.InsertStmt.relation?.schemaname}.${node.InsertStmt.relation?.relname}`] : [],
  );
  const rewritten = written
    .map(({ name }) => name)
    .filter((name) => !brought.includes(name) && !said.some(({ table }) => table === name));
  const [first, ...others] = [...hidden, ...rewritten.map((name) => `rows of ${name}`)];
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  throw new StackError(
    `supabase/rollbacks/${step.migration.file} deletes ${first}${more}, which its statements do not say: add --force and a backup`,
  );
}

/** As `supabase migration repair --status reverted` does, in the transaction of the rollback itself. */
async function forget(session: SqlSession, version: string): Promise<void> {
  const gone = await session.query(
    "delete from supabase_migrations.schema_migrations where version = $1 returning version",
    [version],
  );
  if (gone.length === 0) throw new StackError(`somebody else has taken ${version} back meanwhile: look, and try again`);
  const [local] = await session.query<{ is_there: boolean }>(
    "select to_regclass('local_stack.migration_checksums') is not null as is_there",
  );
  if (local?.is_there) {
    await session.query("delete from local_stack.migration_checksums where version = $1", [version]);
  }
}
