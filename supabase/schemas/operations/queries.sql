-- Monitoring: which statements are slow.

create function private.schema_of_statements()
returns name
language sql stable set search_path = ''
as $$
  select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'pg_stat_statements'
$$;
comment on function private.schema_of_statements() is
  'Schema that pg_stat_statements was created in; null where it is missing.';

create function private.slow_statements(with_text boolean)
returns table (query_id text, role text, calls bigint, mean_ms numeric, max_ms numeric, total_ms numeric,
  row_count bigint, hits bigint, reads bigint, query text)
language plpgsql stable set search_path = ''
as $$
declare
  v_schema name := private.schema_of_statements();
begin
  if v_schema is null then
    return;
  end if;
  return query execute pg_catalog.format($sql$
    select s.queryid::text, r.rolname::text, s.calls, round(s.mean_exec_time::numeric, 2),
      round(s.max_exec_time::numeric, 2), round(s.total_exec_time::numeric, 2), s.rows, s.shared_blks_hit,
      s.shared_blks_read, s.query
    from %I.pg_stat_statements($1) s left join pg_catalog.pg_roles r on r.oid = s.userid
    where s.mean_exec_time >= (select p.slow_query_ms from private.settings p)
      and s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    $sql$, v_schema) using with_text;
exception when object_not_in_prerequisite_state then  -- created, but the server has not loaded it
  return;
end $$;
comment on function private.slow_statements(boolean) is
  'What pg_stat_statements says about slow statements of this database; nothing where it is missing or not loaded.';

create function private.statements_are_counted()
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_schema name := private.schema_of_statements();
begin
  if v_schema is null then
    return false;
  end if;
  execute pg_catalog.format('select from %I.pg_stat_statements_info', v_schema);
  return true;
exception when object_not_in_prerequisite_state then
  return false;
end $$;
comment on function private.statements_are_counted() is 'Whether pg_stat_statements is created and loaded.';

create function ops.list_slow_queries()
returns table (query_id text, role text, calls bigint, mean_ms numeric, max_ms numeric, total_ms numeric,
  row_count bigint, cache_hit_ratio numeric, query text)
language sql stable security definer set search_path = ''
as $$
  select s.query_id, s.role, s.calls, s.mean_ms, s.max_ms, s.total_ms, s.row_count,
    pg_catalog.round(s.hits::numeric / nullif(s.hits + s.reads, 0), 4),
    -- what is no query is stored as it was written, passwords and all
    case when s.query ~* '^\s*(select|insert|update|delete|merge|with)\M'
      then pg_catalog.left(private.mask_literals(s.query), 1000)
      else pg_catalog.substring(s.query, '^\s*(\w+)') || ' …' end
  from private.slow_statements(true) s
  order by s.total_ms desc
$$;
comment on function ops.list_slow_queries() is 'The rows of ops.slow_queries.';
grant execute on function ops.list_slow_queries() to service_role, app_read;

create view ops.slow_queries with (security_invoker = true) as select * from ops.list_slow_queries();
comment on view ops.slow_queries is
  'Statements that take longer in the mean than settings.slow_query_ms, by the time they took in all, since '
  'pg_stat_statements was reset; texts and numbers are masked. Empty where pg_stat_statements is missing or not '
  'loaded: see the alert statements_uncounted.';
comment on column ops.slow_queries.query_id is 'Its queryid in pg_stat_statements.';
comment on column ops.slow_queries.role is 'As whom it ran.';
comment on column ops.slow_queries.calls is 'How often it ran.';
comment on column ops.slow_queries.mean_ms is 'Mean duration, in milliseconds.';
comment on column ops.slow_queries.max_ms is 'Longest duration, in milliseconds.';
comment on column ops.slow_queries.total_ms is 'All of its time, in milliseconds.';
comment on column ops.slow_queries.row_count is 'Rows it read or changed in all.';
comment on column ops.slow_queries.cache_hit_ratio is 'Part of its pages that were in memory, 0 to 1.';
comment on column ops.slow_queries.query is
  'The statement, masked, at most 1000 characters; of what is no query only the first word.';
grant select on ops.slow_queries to service_role, app_read;

create function private.alerts_of_queries()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'slow_queries', count(*)::numeric, 'slowest in the mean: ' || max(s.mean_ms) || ' ms'
  from private.slow_statements(false) s
  where s.calls >= 10 and s.role in ('anon', 'authenticated', 'service_role')
  union all
  select 'statements_uncounted', (not private.statements_are_counted())::integer::numeric, null
$$;
comment on function private.alerts_of_queries() is 'Part of ops.alerts: slow statements.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('slow_queries', 1, 10, 'statements',
   'Statements of the API that ran at least 10 times and take longer in the mean than settings.slow_query_ms: see '
   'ops.slow_queries.'),
  ('statements_uncounted', 1, null, '1: uncounted',
   'pg_stat_statements is missing or the server has not loaded it: slow statements are not seen. Put it into '
   'shared_preload_libraries and create the extension. The embedded database has none.');
