-- Monitoring: how large everything is, and how fast it grows.

create function ops.list_sizes()
returns table (schema_name text, table_name text, total_bytes bigint, table_bytes bigint, index_bytes bigint,
  toast_bytes bigint, row_estimate bigint)
-- a table that is being rewritten is locked: better no answer than one that waits for it
language sql volatile security definer set search_path = '' set lock_timeout = '2s'
as $$
  select n.nspname::text, c.relname::text, s.total, s.main, s.indexes, s.total - s.main - s.indexes,
    greatest(case when c.reltuples < 0 then t.n_live_tup else c.reltuples end, 0)::bigint
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_stat_all_tables t on t.relid = c.oid
  cross join lateral (select pg_catalog.pg_total_relation_size(c.oid) as total,
    pg_catalog.pg_relation_size(c.oid) as main, pg_catalog.pg_indexes_size(c.oid) as indexes) s
  where c.relkind in ('r', 'm') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  order by s.total desc, 1, 2
$$;
comment on function ops.list_sizes() is
  'The rows of ops.sizes. Fails after 2 seconds while a table is locked for a rewrite.';
grant execute on function ops.list_sizes() to service_role, app_read;

create view ops.sizes with (security_invoker = true) as select * from ops.list_sizes();
comment on view ops.sizes is 'How much disk each table takes now, the largest first.';
comment on column ops.sizes.schema_name is 'Its schema.';
comment on column ops.sizes.table_name is 'Its name.';
comment on column ops.sizes.total_bytes is 'Everything of it, with indexes and long values.';
comment on column ops.sizes.table_bytes is 'The rows alone.';
comment on column ops.sizes.index_bytes is 'All its indexes.';
comment on column ops.sizes.toast_bytes is 'Long values that are kept beside it, and its maps of free space.';
comment on column ops.sizes.row_estimate is 'About how many rows it has, as of the last analyze.';
grant select on ops.sizes to service_role, app_read;

create table private.size_snapshots (
  taken_at     timestamptz not null,
  schema_name  text not null,
  table_name   text not null,
  total_bytes  bigint not null,
  index_bytes  bigint not null,
  row_estimate bigint not null,
  primary key (schema_name, table_name, taken_at)
);

comment on table private.size_snapshots is
  'How large each table was, once a day, for settings.monitoring_days. Append-only; read ops.growth.';
comment on column private.size_snapshots.taken_at is 'When.';
comment on column private.size_snapshots.schema_name is 'Schema of the table.';
comment on column private.size_snapshots.table_name is 'Name of the table.';
comment on column private.size_snapshots.total_bytes is 'Everything of it, with indexes and long values.';
comment on column private.size_snapshots.index_bytes is 'All its indexes.';
comment on column private.size_snapshots.row_estimate is 'About how many rows it had.';

create index size_snapshots_by_age on private.size_snapshots (taken_at);

alter table private.size_snapshots enable row level security;

create function private.measure_sizes(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_now timestamptz := least(as_of, now());  -- a look ahead measures nothing of the future
begin
  processed := 0; failed := 0;
  -- 23 hours: a day that begins a minute early is still the next one
  if not exists (select from private.size_snapshots s where s.taken_at > v_now - interval '23 hours') then
    insert into private.size_snapshots (taken_at, schema_name, table_name, total_bytes, index_bytes, row_estimate)
    select v_now, s.schema_name, s.table_name, s.total_bytes, s.index_bytes, s.row_estimate from ops.list_sizes() s;
    get diagnostics processed = row_count;
  end if;
  delete from private.size_snapshots s
  where s.taken_at < as_of - pg_catalog.make_interval(days => (select p.monitoring_days from private.settings p));
end $$;
comment on function private.measure_sizes(timestamptz, integer) is
  'Job: notes once a day how large every table is, and forgets what is older than settings.monitoring_days.';

insert into private.jobs (job, room, step, every, starts_at) values
  ('measure_sizes', 'operations', 2, '1 day', '02:30');
-- undo: delete from private.jobs where job = 'measure_sizes';

create function ops.list_growth()
returns table (schema_name text, table_name text, measured_at timestamptz, total_bytes bigint, since timestamptz,
  bytes_per_day bigint, rows_per_day bigint, doubles_in_days integer)
language sql stable security definer set search_path = ''
as $$
  with newest as (
    select s.* from private.size_snapshots s
    where s.taken_at = (select max(m.taken_at) from private.size_snapshots m)
  ), grown as (
    select n.*, o.taken_at as since, extract(epoch from n.taken_at - o.taken_at) / 86400 as days,
      n.total_bytes - o.total_bytes as more_bytes, n.row_estimate - o.row_estimate as more_rows
    from newest n
    join lateral (
      select s.* from private.size_snapshots s
      where s.schema_name = n.schema_name and s.table_name = n.table_name and s.taken_at < n.taken_at
        and s.taken_at >= n.taken_at - interval '31 days'
      order by s.taken_at limit 1) o on true
  )
  select g.schema_name, g.table_name, g.taken_at, g.total_bytes, g.since,
    pg_catalog.round(g.more_bytes / g.days)::bigint, pg_catalog.round(g.more_rows / g.days)::bigint,
    case when g.more_bytes > 0
      then least(g.total_bytes / (g.more_bytes / g.days), 100000)::integer end
  from grown g
  order by g.more_bytes / g.days desc, 1, 2
$$;
comment on function ops.list_growth() is 'The rows of ops.growth.';
grant execute on function ops.list_growth() to service_role, app_read;

create view ops.growth with (security_invoker = true) as select * from ops.list_growth();
comment on view ops.growth is
  'How fast each table grows, from the daily snapshots of at most the last 31 days; empty until there are two.';
comment on column ops.growth.schema_name is 'Its schema.';
comment on column ops.growth.table_name is 'Its name.';
comment on column ops.growth.measured_at is 'When it was measured last.';
comment on column ops.growth.total_bytes is 'How large it was then.';
comment on column ops.growth.since is 'The first of the snapshots that are compared.';
comment on column ops.growth.bytes_per_day is 'What was added a day; negative when it shrank.';
comment on column ops.growth.rows_per_day is 'About how many rows were added a day.';
comment on column ops.growth.doubles_in_days is 'Days until it is twice as large; null when it does not grow.';
grant select on ops.growth to service_role, app_read;

create function private.alerts_of_sizes()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'database_size',
    pg_catalog.round(pg_catalog.pg_database_size(pg_catalog.current_database()) / 1e9, 3), null::text
$$;
comment on function private.alerts_of_sizes() is 'Part of ops.alerts: the size of the database.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('database_size', null, null, 'GB (10^9 bytes)',
   'Size of this database. The disk cannot be seen from SQL: set the thresholds to 70 % and 85 % of yours, or watch '
   'its free space outside.');
