import { OWN_SCHEMAS, PLATFORM_SCHEMAS } from "../backup/facts.ts";
import type { Queries } from "../core/connection.ts";

/** Of Auth and Storage, what says who somebody is and what they have stored. */
const PLATFORM_TABLES = ["auth.users", "auth.identities", "storage.buckets", "storage.objects"];

/** What a server has noted about itself: it is wrong on any other. */
const NOTES_OF_THE_SERVER = [
  "private.audit_runs",
  "private.backfills",
  "private.backups",
  "private.jobs",
  "private.size_snapshots",
];

/** A table of the community. */
export interface Table {
  /** Quoted where it must be: `public.users`. */
  name: string;
  /** Its file in the folder of an export. */
  file: string;
  /** Whether it is the product's; else of Auth or Storage. */
  isOurs: boolean;
  /** Those that are written, not generated. */
  columns: string[];
  /** Columns of its primary key. */
  key: string[];
  /** Names of the tables that its foreign keys reference. */
  needs: string[];
}

/** The tables of the community, found in the catalogue. */
export async function tablesOfTheCommunity(session: Queries): Promise<Table[]> {
  const rows = await session.query<Omit<Table, "file"> & { schema: string; table: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema, c.relname as table,
       n.nspname = any ($1) as "isOurs",
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select a.attname::text from pg_index i
         cross join unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
         where i.indrelid = c.oid and i.indisprimary order by k.place) as key,
       array(select format('%I.%I', rn.nspname, r.relname) from pg_constraint f
         join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
         where f.contype = 'f' and f.conrelid = c.oid) as needs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and (n.nspname in ('public', 'private') or n.nspname || '.' || c.relname = any ($2))
       and n.nspname || '.' || c.relname <> all ($3) and not exists (
         select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1`,
    [OWN_SCHEMAS, PLATFORM_TABLES, NOTES_OF_THE_SERVER],
  );
  return rows.map(({ schema, table, ...known }) => ({
    ...known,
    file: `${encodeURIComponent(schema)}.${encodeURIComponent(table)}.csv`,
  }));
}

/** Names of the other tables that may hold rows about people or the server, as far as they can be read. */
export async function tablesLeftOut(session: Queries, tables: readonly Table[]): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname || '.' || c.relname = any ($3)
       or (c.relkind = 'r' and n.nspname = any ($1) and n.nspname || '.' || c.relname <> all ($2)
         and c.relname not like '%migrations' and has_table_privilege(c.oid, 'select'))
     order by 1`,
    [PLATFORM_SCHEMAS, tables.map(({ name }) => name), NOTES_OF_THE_SERVER],
  );
  return rows.map(({ name }) => name);
}

/** The next value of each sequence of the product that serves the community, by name. */
export async function nextOfSequences(session: Queries): Promise<Record<string, number>> {
  const sequences = await session.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and n.nspname in ('public', 'private') and not exists (
       select from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
       where d.classid = 'pg_class'::regclass and d.objid = c.oid
         and (d.deptype = 'e' or tn.nspname || '.' || t.relname = any ($1)))
     order by 1`,
    [NOTES_OF_THE_SERVER],
  );
  const values: [string, number][] = [];
  for (const { name } of sequences) {
    const [row] = await session.query<{ next: number }>(
      `select last_value + is_called::integer * seqincrement as next
       from ${name} cross join pg_sequence where seqrelid = $1::regclass`,
      [name],
    );
    values.push([name, row?.next ?? 1]);
  }
  return Object.fromEntries(values);
}

/** How values are written and read, whatever server, role and session are set to. */
export async function speakPlainly(session: Queries): Promise<void> {
  await session.query(`
    select set_config(name, value, true) from (values
      ('search_path', ''), ('datestyle', 'ISO, YMD'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'),
      ('extra_float_digits', '1'), ('bytea_output', 'hex'),
      -- refuses, where a policy would hide rows
      ('row_security', 'off'),
      -- a table begins at its beginning, also when somebody else is reading it
      ('synchronize_seqscans', 'off')) setting (name, value)`);
}

/** `"a", "b"` */
export function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(", ");
}
