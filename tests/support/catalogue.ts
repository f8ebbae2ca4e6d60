import type { Sql } from "./admin.ts";

/** A table or view of the exposed schema, as the database itself lists it. */
export interface Table {
  name: string;
  /** False for the rows of reads, which are tables that hold nothing (decision 0033). */
  isReadable: boolean;
  columns: Column[];
}

/** A column of a table, or an argument of a function. */
export interface Column {
  name: string;
  type: string;
  /** One of the words that the column's domain knows; null when it takes any. */
  word?: string | null | undefined;
  /** Computed by the database: refused before any right is looked at. */
  isGenerated?: boolean;
}

/** A function of the exposed schema. */
export interface Rpc {
  name: string;
  args: Column[];
  /** Whether members may call it; the others are for the secret key of the edge functions. */
  isForMembers: boolean;
  /** Whether PostgREST offers it as a computed field rather than as an RPC. */
  isComputedField: boolean;
}

/** A foreign key between two exposed tables. */
export interface Relation {
  name: string;
  from: string;
  to: string;
  /** What PostgREST knows it by in `select`: its name, or where a table refers to itself its column. */
  hint: string;
}

/** Everything in the exposed schema: attack tests run over this, never over a list that somebody would have to keep. */
export interface Catalogue {
  tables: Table[];
  rpcs: Rpc[];
  relations: Relation[];
}

/** Reads the exposed schema from the database. */
export async function readCatalogue(sql: Sql): Promise<Catalogue> {
  const tables = await sql<Table>(
    `select c.relname as name, has_any_column_privilege('authenticated', c.oid, 'select') as "isReadable",
       jsonb_agg(jsonb_build_object('name', a.attname,
         'type', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), a.atttypmod), 'word', w.word,
         'isGenerated', a.attgenerated <> '' or a.attidentity = 'a') order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid
     left join lateral (
       select coalesce((regexp_match(d.text, '''(\\w+)''::text'))[1], (regexp_match(d.text, 'private\\.\\w+\\(\\)'))[1]) as word
       from pg_constraint k, pg_get_constraintdef(k.oid) d (text)
       where k.contypid = t.oid and t.typbasetype = 'text'::regtype limit 1) w on true
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
     group by c.oid, c.relname order by c.relname`,
  );
  // some domains take their words from a function
  for (const column of tables.flatMap(({ columns }) => columns)) {
    if (!column.word?.endsWith("()")) continue;
    const [first] = await sql<{ word: string }>(`select (${column.word})[1] as word`);
    column.word = first?.word;
  }
  const rpcs = await sql<Rpc>(
    `select p.proname as name,
       coalesce((select jsonb_agg(jsonb_build_object('name', p.proargnames[i], 'type', format_type(p.proargtypes[i - 1], null)) order by i)
                 from generate_series(1, p.pronargs) i), '[]') as args,
       has_function_privilege('authenticated', p.oid, 'execute') as "isForMembers",
       p.pronargs = 1 and exists (select from pg_class c where c.reltype = p.proargtypes[0]) as "isComputedField"
     from pg_proc p where p.pronamespace = 'public'::regnamespace order by p.proname`,
  );
  const relations = await sql<Relation>(
    `select k.conname as name, f.relname as from, t.relname as to,
       case when f.oid = t.oid then (select a.attname from pg_attribute a where a.attrelid = f.oid and a.attnum = k.conkey[1])
         else k.conname end as hint
     from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and f.relnamespace = 'public'::regnamespace and t.relnamespace = 'public'::regnamespace
     order by k.conname`,
  );
  return { tables, rpcs, relations };
}

/** A fingerprint of everything that is stored, to prove that an attack changed nothing. */
export async function fingerprint(sql: Sql): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'private') order by 1`,
  );
  const prints: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql<{ print: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print from ${name} t`,
    );
    prints[name] = row?.print ?? "";
  }
  return prints;
}

/**
 * A fingerprint of everything that is stored, without the keys' own table: it says when a key was used last and how many
 * wrong codes were tried with it.
 */
export async function fingerprintWithoutKeys(sql: Sql): Promise<Record<string, string>> {
  const { "private.partner_api_keys": _, ...rest } = await fingerprint(sql);
  return rest;
}
