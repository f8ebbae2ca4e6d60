-- Monitoring: how much is read from memory.

create function ops.list_cache()
returns table (schema_name text, table_name text, table_hits bigint, table_reads bigint, table_hit_ratio numeric,
  index_hits bigint, index_reads bigint, index_hit_ratio numeric)
language sql stable security definer set search_path = ''
as $$
  with s as (
    select t.schemaname::text as schema_name, t.relname::text as table_name,
      coalesce(t.heap_blks_hit, 0) + coalesce(t.toast_blks_hit, 0) as table_hits,
      coalesce(t.heap_blks_read, 0) + coalesce(t.toast_blks_read, 0) as table_reads,
      coalesce(t.idx_blks_hit, 0) + coalesce(t.tidx_blks_hit, 0) as index_hits,
      coalesce(t.idx_blks_read, 0) + coalesce(t.tidx_blks_read, 0) as index_reads
    from pg_catalog.pg_statio_user_tables t
  )
  select s.schema_name, s.table_name, pg_catalog.sum(s.table_hits)::bigint, pg_catalog.sum(s.table_reads)::bigint,
    pg_catalog.round(pg_catalog.sum(s.table_hits) / nullif(pg_catalog.sum(s.table_hits + s.table_reads), 0), 4),
    pg_catalog.sum(s.index_hits)::bigint, pg_catalog.sum(s.index_reads)::bigint,
    pg_catalog.round(pg_catalog.sum(s.index_hits) / nullif(pg_catalog.sum(s.index_hits + s.index_reads), 0), 4)
  from s
  group by grouping sets ((s.schema_name, s.table_name), ())
  order by pg_catalog.sum(s.table_reads + s.index_reads) desc nulls last, 1 nulls first, 2
$$;
comment on function ops.list_cache() is 'The rows of ops.cache.';
grant execute on function ops.list_cache() to service_role, app_read;

create view ops.cache with (security_invoker = true) as select * from ops.list_cache();
comment on view ops.cache is
  'How many pages were in the server''s memory when they were needed, since the statistics were reset: all tables '
  'together (without names) and each one, most reads first. What is a read here may still come from the memory of the '
  'operating system.';
comment on column ops.cache.schema_name is 'Its schema; null of all together.';
comment on column ops.cache.table_name is 'Its name; null of all together.';
comment on column ops.cache.table_hits is 'Pages of rows that were there.';
comment on column ops.cache.table_reads is 'Pages of rows that were fetched.';
comment on column ops.cache.table_hit_ratio is 'Part of the pages of rows that were there, 0 to 1; null: none needed.';
comment on column ops.cache.index_hits is 'Pages of indexes that were there.';
comment on column ops.cache.index_reads is 'Pages of indexes that were fetched.';
comment on column ops.cache.index_hit_ratio is 'Part of the pages of indexes that were there, 0 to 1.';
grant select on ops.cache to service_role, app_read;

create function private.alerts_of_cache()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  -- after a start or a reset everything is fetched once: a ratio means something from some 100,000 pages on
  select 'cache_misses',
    case when d.blks_hit + d.blks_read < 100000 then 0
      else pg_catalog.round(100.0 * d.blks_read / (d.blks_hit + d.blks_read), 2) end,
    pg_catalog.format('%s of %s pages', d.blks_read, d.blks_hit + d.blks_read)
  from pg_catalog.pg_stat_database d where d.datname = pg_catalog.current_database()
$$;
comment on function private.alerts_of_cache() is 'Part of ops.alerts: pages that are not in memory.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('cache_misses', 5, null, '%',
   'Pages that were not in the server''s memory, since the statistics were reset: see ops.cache. More memory, or a '
   'statement that reads less.');
