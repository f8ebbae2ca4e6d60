-- Monitoring: what autovacuum has before it, and how far the counter of transactions is from its end.

create function ops.list_vacuum_debt()
returns table (schema_name text, table_name text, dead_rows bigint, vacuum_at bigint, debt numeric,
  changed_rows bigint, analyze_at bigint, vacuumed_at timestamptz, analyzed_at timestamptz, freeze_age bigint,
  wraparound_share numeric)
language sql stable security definer set search_path = ''
as $$
  with t as (
    select s.*, c.relfrozenxid,
      (case when c.reltuples < 0 then 0 else c.reltuples end)::numeric as rows, o.options
    from pg_catalog.pg_stat_user_tables s
    join pg_catalog.pg_class c on c.oid = s.relid
    cross join lateral (
      select pg_catalog.jsonb_object_agg(p.option_name, p.option_value) as options
      from pg_catalog.pg_options_to_table(c.reloptions) p) o
    where c.relkind in ('r', 'm')
  ), d as (
    select t.*,
      coalesce(t.options ->> 'autovacuum_vacuum_threshold',
        pg_catalog.current_setting('autovacuum_vacuum_threshold'))::numeric
      + coalesce(t.options ->> 'autovacuum_vacuum_scale_factor',
        pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::numeric * t.rows as vacuum_at,
      coalesce(t.options ->> 'autovacuum_analyze_threshold',
        pg_catalog.current_setting('autovacuum_analyze_threshold'))::numeric
      + coalesce(t.options ->> 'autovacuum_analyze_scale_factor',
        pg_catalog.current_setting('autovacuum_analyze_scale_factor'))::numeric * t.rows as analyze_at
    from t
  )
  select d.schemaname::text, d.relname::text, d.n_dead_tup, d.vacuum_at::bigint,
    pg_catalog.round(d.n_dead_tup / greatest(d.vacuum_at, 1), 2), d.n_mod_since_analyze, d.analyze_at::bigint,
    greatest(d.last_vacuum, d.last_autovacuum), greatest(d.last_analyze, d.last_autoanalyze),
    pg_catalog.age(d.relfrozenxid)::bigint, pg_catalog.round(pg_catalog.age(d.relfrozenxid) / 2147483648.0, 4)
  from d
  order by d.n_dead_tup / greatest(d.vacuum_at, 1) desc, 1, 2
$$;
comment on function ops.list_vacuum_debt() is 'The rows of ops.vacuum_debt.';
grant execute on function ops.list_vacuum_debt() to service_role, app_read;

create view ops.vacuum_debt with (security_invoker = true) as select * from ops.list_vacuum_debt();
comment on view ops.vacuum_debt is
  'What vacuum and analyze have before them in each table, the most first. A table that is far over its mark for long '
  'is not reached by autovacuum: it is too slow, or something holds an old transaction open.';
comment on column ops.vacuum_debt.schema_name is 'Its schema.';
comment on column ops.vacuum_debt.table_name is 'Its name.';
comment on column ops.vacuum_debt.dead_rows is 'About how many rows are dead.';
comment on column ops.vacuum_debt.vacuum_at is 'From how many on autovacuum comes.';
comment on column ops.vacuum_debt.debt is 'The one divided by the other.';
comment on column ops.vacuum_debt.changed_rows is 'About how many rows were changed since it was analyzed.';
comment on column ops.vacuum_debt.analyze_at is 'From how many on it is analyzed.';
comment on column ops.vacuum_debt.vacuumed_at is 'When it was vacuumed last.';
comment on column ops.vacuum_debt.analyzed_at is 'When it was analyzed last.';
comment on column ops.vacuum_debt.freeze_age is 'Transactions since its oldest row that is not frozen.';
comment on column ops.vacuum_debt.wraparound_share is
  'The same as a part of the 2^31 after which the server refuses to write, 0 to 1.';
grant select on ops.vacuum_debt to service_role, app_read;

create function private.alerts_of_vacuum()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'vacuum_debt', coalesce(max(v.debt), 0),
    (pg_catalog.array_agg(pg_catalog.format('%s.%s', v.schema_name, v.table_name) order by v.debt desc))[1]
  from ops.list_vacuum_debt() v where v.dead_rows >= 10000
  union all
  select 'wraparound',
    pg_catalog.round(100 * max(greatest(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)))
      / 2147483648.0, 2),
    (pg_catalog.array_agg(d.datname::text
      order by greatest(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)) desc))[1]
  from pg_catalog.pg_database d
$$;
comment on function private.alerts_of_vacuum() is 'Part of ops.alerts: what autovacuum has not done.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('vacuum_debt', 3, 10, 'times its mark',
   'The table with at least 10,000 dead rows that is furthest over the mark at which autovacuum comes: see '
   'ops.vacuum_debt. End old transactions, then vacuum it.'),
  ('wraparound', 40, 70, '%',
   'How much of the 2^31 transactions is used after which the server refuses to write: vacuum (freeze) the oldest '
   'tables of that database.');
