import type { Queries } from "../core/connection.ts";
import type { Table } from "../export/scope.ts";

/**
 * Lets no trigger of the product act on tables while they are filled: what triggers would do is in the files already, and the
 * ledger's would refuse it. Foreign keys go on being checked. Needs nobody but the owner: triggers of ours on tables of Auth and
 * Storage cannot be switched off by us, but replaced.
 *
 * @returns what gives them all back.
 */
export async function silenceTriggers(session: Queries, tables: readonly Table[]): Promise<() => Promise<void>> {
  const triggers = await session.query<{ table: string; is_ours: boolean; name: string; body: string; text: string }>(
    `select format('%I.%I', n.nspname, c.relname) as "table", n.nspname in ('public', 'private') as is_ours,
       quote_ident(t.tgname) as name, format('%I.%I', pn.nspname, p.proname) as body, pg_get_triggerdef(t.oid) as text
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
     where not t.tgisinternal and t.tgenabled = 'O' and format('%I.%I', n.nspname, c.relname) = any ($1)
       and (n.nspname in ('public', 'private') or pn.nspname in ('public', 'private', 'ops'))
     order by 1, 3`,
    [tables.map(({ name }) => name)],
  );
  const runAll = async (statements: readonly string[]) => {
    for (const statement of statements) await session.query(statement);
  };
  const never = "after insert on %t for each row when (false) execute function";
  await runAll(
    triggers.map(({ table, is_ours, name, body }) =>
      is_ours
        ? `alter table ${table} disable trigger ${name}`
        : `create or replace trigger ${name} ${never.replace("%t", table)} ${body}()`,
    ),
  );
  return () =>
    runAll(
      triggers.map(({ table, is_ours, name, text }) =>
        is_ours
          ? `alter table ${table} enable trigger ${name}`
          : text.replace(/^create trigger/iu, "create or replace trigger"),
      ),
    );
}
