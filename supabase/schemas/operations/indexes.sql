-- Monitoring: indexes that are broken, superfluous or missing. Of the product's owner's tables only: the platform's are
-- not ours to mend.

create function private.index_definition(index pg_catalog.pg_index)
returns text
language sql stable set search_path = ''
as $$
  select pg_catalog.concat_ws(' ', index.indkey, index.indclass, index.indcollation, index.indoption,
    pg_catalog.pg_get_expr(index.indexprs, index.indrelid), pg_catalog.pg_get_expr(index.indpred, index.indrelid),
    (select c.relam from pg_catalog.pg_class c where c.oid = index.indexrelid))
$$;
comment on function private.index_definition(pg_catalog.pg_index) is
  'What two indexes of a table have in common when one of them is enough.';

create function private.covers_foreign_key(index pg_catalog.pg_index, key pg_catalog.pg_constraint)
returns boolean
language sql stable set search_path = ''
as $$
  select index.indrelid = key.conrelid and index.indisvalid
    and (select pg_catalog.array_agg(c order by c)
         from pg_catalog.unnest((index.indkey::smallint[])[0:pg_catalog.cardinality(key.conkey) - 1]) c)
      = (select pg_catalog.array_agg(c order by c) from pg_catalog.unnest(key.conkey) c)
$$;
comment on function private.covers_foreign_key(pg_catalog.pg_index, pg_catalog.pg_constraint) is
  'Whether the rows that refer to a row are found by an index: its first columns are the key''s, in any order.';

create function ops.list_index_problems()
returns table (problem text, schema_name text, table_name text, index_name text, bytes bigint, scans bigint,
  detail text, remedy text)
language sql volatile security definer set search_path = '' set lock_timeout = '2s'
as $$
  with tables as (
    select c.oid, n.nspname::text as schema_name, c.relname::text as table_name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and c.relowner = current_user::regrole
      and n.nspname not like 'pg\_%'
  ), indexes as (
    select t.*, i as row, i.indexrelid as id, c.relname::text as index_name, i.indisvalid as is_valid,
      i.indisunique or i.indisexclusion or i.indisreplident as is_rule,
      pg_catalog.pg_relation_size(i.indexrelid) as bytes, coalesce(s.idx_scan, 0) as scans,
      pg_catalog.format('%I.%I', t.schema_name, c.relname) as name
    from tables t
    join pg_catalog.pg_index i on i.indrelid = t.oid
    join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
    left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = i.indexrelid
  ), keys as (
    select t.*, k as row, k.conname::text as key_name, k.conrelid, k.conkey
    from tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  )
  select 'invalid', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    'it is written to and never read: its creation was broken off',
    pg_catalog.format('drop index concurrently %s', i.name)
  from indexes i where not i.is_valid
  union all
  select 'duplicate', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    pg_catalog.format('%s is the same', o.index_name), pg_catalog.format('drop index concurrently %s', i.name)
  from indexes i
  cross join lateral (
    select o.index_name from indexes o
    where o.oid = i.oid and o.id <> i.id and o.is_valid
      and private.index_definition(o.row) = private.index_definition(i.row)
      and (o.is_rule, -o.id::bigint) > (i.is_rule, -i.id::bigint)
    order by o.is_rule desc, o.id limit 1) o
  where i.is_valid and not (i.is_rule and exists (
    select from pg_catalog.pg_constraint k where k.conindid = i.id))
  union all
  select 'unused', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    'not read once ' || coalesce('since ' || d.stats_reset::text, 'yet'),
    pg_catalog.format('drop index concurrently %s; ask first whether a replica or a yearly report reads it', i.name)
  from indexes i
  join pg_catalog.pg_stat_database d on d.datname = pg_catalog.current_database()
  where i.is_valid and i.scans = 0 and not i.is_rule and i.bytes >= 1000000
    and coalesce(d.stats_reset, '-infinity') < pg_catalog.statement_timestamp() - interval '7 days'
    -- found by it when the row that they refer to is deleted
    and not exists (select from keys k where k.oid = i.oid and private.covers_foreign_key(i.row, k.row))
  union all
  select 'foreign_key_without_index', k.schema_name, k.table_name, null, null, null,
    pg_catalog.format('%s: deleting what it refers to reads the whole table', k.key_name),
    pg_catalog.format('create index concurrently on %I.%I (%s)', k.schema_name, k.table_name, (
      select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by c.place)
      from pg_catalog.unnest(k.conkey) with ordinality c (attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum))
  from keys k
  where not exists (select from indexes i where private.covers_foreign_key(i.row, k.row))
  union all
  select 'read_in_full', t.schema_name, t.table_name, null, pg_catalog.pg_relation_size(t.oid), s.seq_scan,
    pg_catalog.format('%s rows were read in each of %s scans', s.seq_tup_read / s.seq_scan, s.seq_scan),
    'look in ops.slow_queries for the statement, and index what it searches by'
  from tables t join pg_catalog.pg_stat_all_tables s on s.relid = t.oid
  where s.seq_scan >= 100 and s.n_live_tup >= 10000 and s.seq_tup_read / s.seq_scan >= s.n_live_tup / 2
  order by 1, 5 desc nulls last, 2, 3, 4
$$;
comment on function ops.list_index_problems() is
  'The rows of ops.index_problems. Fails after 2 seconds while an index is locked for a rewrite.';
grant execute on function ops.list_index_problems() to service_role, app_read;

create view ops.index_problems with (security_invoker = true) as select * from ops.list_index_problems();
comment on view ops.index_problems is
  'Indexes to mend: invalid ones, duplicates, large ones that nobody reads; foreign keys without one; large tables '
  'that are read in full again and again.';
comment on column ops.index_problems.problem is
  'invalid, duplicate, unused (1 MB and more, statistics of at least 7 days), foreign_key_without_index, read_in_full '
  '(10,000 rows and more, 100 times and more).';
comment on column ops.index_problems.schema_name is 'Schema of the table.';
comment on column ops.index_problems.table_name is 'The table.';
comment on column ops.index_problems.index_name is 'The index; null where one is missing.';
comment on column ops.index_problems.bytes is 'Size of the index; of a table that is read in full, of the table.';
comment on column ops.index_problems.scans is
  'How often the index was read, or the table in full, since the statistics were reset.';
comment on column ops.index_problems.detail is 'What is wrong.';
comment on column ops.index_problems.remedy is 'What to do, as SQL where it is one statement.';
grant select on ops.index_problems to service_role, app_read;

create function private.alerts_of_indexes()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'invalid_indexes', count(*)::numeric, pg_catalog.string_agg(i.indexrelid::regclass::text, ', ')
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
  where not i.indisvalid and c.relkind = 'i' and c.relowner = current_user::regrole
    -- one that is just being built is not valid yet
    and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
$$;
comment on function private.alerts_of_indexes() is 'Part of ops.alerts: indexes that are no use.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('invalid_indexes', 1, null, 'indexes',
   'Indexes whose creation was broken off: they cost at every write and are never read. ops.index_problems has the '
   'statement that drops them.');
