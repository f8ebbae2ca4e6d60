import type { SqlSession } from "../stack/database/session.ts";

/** Words that a column or an argument may be, or a number that inputs are held to. */
export interface Value {
  /** As the database spells it, `task_status` or `max_title_length`. */
  readonly name: string;
  readonly comment: string;
  readonly value: number | readonly string[];
}

/** What the database alone knows about a property of the generated types. */
export interface Fact {
  /** The domain it is of. */
  readonly domain: string | null;
  /** It may be null although the generated types say otherwise. */
  readonly is_nullable: boolean;
}

/**
 * The words and the limits of the database. Words are the domains of schema public that list them in a check or are the
 * primary key of a table, whose rows they are then. Other words, and all limits, are functions of schema private without
 * arguments that give a constant.
 */
export async function readValues(session: SqlSession): Promise<Value[]> {
  const sources = await session.query<Omit<Value, "value"> & { source: string }>(`
    select t.typname as name, obj_description(t.oid, 'pg_type') as comment,
      coalesce(substring(pg_get_expr(c.conbin, 0) from '^\\(VALUE = ANY \\((.*)\\)\\)$'),
        format('array(select %I::text from %s order by 1)', a.attname, a.attrelid::regclass)) as source
    from pg_type t
    left join pg_constraint c on c.contypid = t.oid
    left join pg_attribute a on a.atttypid = t.oid
      and exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and i.indkey::text = a.attnum::text)
    where t.typnamespace = 'public'::regnamespace and t.typtype = 'd' and (c.oid is not null or a.attnum is not null)
    union all
    select p.proname, obj_description(p.oid, 'pg_proc'), format('private.%I()', p.proname) from pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.pronargs = 0 and p.provolatile = 'i'
      and p.prorettype in ('integer'::regtype, 'text[]'::regtype)
    order by name`);
  const values: Value[] = [];
  for (const { name, comment, source } of sources) {
    const [row] = await session.query<Pick<Value, "value">>(`select to_json(${source}) as value`);
    if (row !== undefined) values.push({ name, comment, value: row.value });
  }
  return values;
}

/**
 * What the generated types do not know, by names such as `Tables tasks status`, `Functions nearby_tasks Args sort` or
 * `Functions nearby_tasks Returns expires_at`. Which columns of its rows may be null a function says in its comment:
 * `May be null: avatar_path, comment.` or `May be null: as in places.` A row of a table needs no word about it.
 */
export async function readFacts(session: SqlSession): Promise<Map<string, Fact>> {
  const facts = await session.query<Fact & { name: string }>(`
    with columns as (
      select c.relname, a.attname, a.attrelid, a.atttypid, not a.attnotnull as is_nullable
      from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'v')
      where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped),
    functions as (
      select p.*, substring(obj_description(p.oid, 'pg_proc') from 'May be null: ([^.]*)') as nulls from pg_proc p
      where p.pronamespace = 'public'::regnamespace),
    properties as (
      select format('Tables %s %s', relname, attname) as name, atttypid as type, false as is_nullable from columns
      union all
      select format('Functions %s Returns %s', p.proname, c.attname), c.atttypid, false
      from functions p join pg_type t on t.oid = p.prorettype join columns c on c.attrelid = t.typrelid
      union all
      select format('Functions %s %s %s', p.proname, case a.mode when 't' then 'Returns' else 'Args' end, a.name), a.type,
        a.name = any (string_to_array(p.nulls, ', ')) or exists (
          select from columns c where p.nulls = 'as in ' || c.relname and c.attname = a.name and c.is_nullable)
      from functions p cross join lateral unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]),
        p.proargmodes) as a (name, type, mode))
    select p.name, case t.typtype when 'd' then t.typname end as domain, coalesce(p.is_nullable, false) as is_nullable
    from properties p join pg_type t on t.oid = p.type
    where t.typtype = 'd' or p.is_nullable`);
  return new Map(facts.map(({ name, ...fact }) => [name, fact]));
}
