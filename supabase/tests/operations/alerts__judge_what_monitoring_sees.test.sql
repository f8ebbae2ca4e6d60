-- ops.alerts, and the views behind it, as far as one session can make what they should see. What needs several sessions
-- or a server's statistics is in tests/operations/monitoring.test.ts.
begin;
select plan(45);
select tests.use_default_settings();

-- who reads what
do $$ begin execute format('grant app_read to %I', current_user); end $$;
create function pg_temp.as_reader(command text) returns text language plpgsql as $$
begin
  set local role app_read;
  begin
    execute command;
  exception when others then
    reset role;
    return sqlstate || ' ' || sqlerrm;
  end;
  reset role;
  return 'no error';
end $$;
select is(pg_temp.as_reader(format('select * from ops.%I', name)), 'no error', 'reporting reads ' || name)
from unnest('{slow_queries,sizes,growth,bloat,index_problems,connections,cache,replication,vacuum_debt,outbox_backlog,activity_by_hour,alerts}'::text[]) name;
select is(pg_temp.as_reader(format('select * from ops.%I', name)), '42501 permission denied for view ' || name, 'reporting does not see what sessions do: ' || name)
from unnest('{locks,long_transactions}'::text[]) name;
select matches(pg_temp.as_reader('select public.read_metrics()'), '^42501', 'nor does it scrape');
select tests.authenticate_as_service_role();
select lives_ok(format('select * from ops.%I', name), 'the secret key reads ' || name) from unnest('{locks,long_transactions,alerts}'::text[]) name;
select throws_ok('update private.alert_thresholds set warn_at = null', '42501', null, 'but moves no threshold');
select tests.reset_authentication();
select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.alerts', '42501', null, 'a member sees no alerts');
select throws_ok('select public.read_metrics()', '42501', null, 'nor metrics');
select throws_ok('select public.read_readiness()', '42501', null, 'nor readiness');
select tests.reset_authentication();

-- levels
create function private.alerts_of_planted() returns table (alert text, value numeric, detail text) language sql stable set search_path = ''
  as $$ select * from (values ('planted_1', 1::numeric, null::text), ('planted_2', 2, null), ('planted_3', 3, null), ('planted_4', 4, 'no thresholds')) v $$;
insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('planted_1', 2, 3, '', ''), ('planted_2', 2, 3, '', ''), ('planted_3', 2, 3, '', '');
select results_eq($$ select alert, level, value, warn_at from ops.alerts where alert like 'planted%' order by alert $$,
  $$ values ('planted_1', 'ok', 1::numeric, 2::numeric), ('planted_2', 'warn', 2, 2), ('planted_3', 'critical', 3, 2), ('planted_4', 'ok', 4, null) $$,
  'from a threshold on it is a warning, from the other on critical, without any it is fine');
create function private.alerts_of_broken() returns table (alert text, value numeric, detail text) language sql stable set search_path = ''
  as $$ select 'broken', 1 / 0::numeric, null $$;
select results_eq($$ select level, value, detail from ops.alerts where alert = 'alerts_of_broken' $$,
  $$ values ('critical', null::numeric, 'cannot be judged: 22012 division by zero') $$, 'what cannot be judged is critical');
select cmp_ok((select count(*)::int from ops.alerts), '>=', 22, 'and silences nobody else');
select is_empty($$ select alert from ops.alerts where warn_at is null and critical_at is null
  and alert not in ('database_size', 'planted_4', 'alerts_of_broken') $$, 'every alert has a threshold, but one whose limit nobody here knows');
select bag_eq($$ select alert from private.alert_thresholds $$, $$ select alert from ops.alerts where alert not in ('planted_4', 'alerts_of_broken') $$, 'and every threshold an alert');
select throws_like($$ update private.alert_thresholds set critical_at = 1 where alert = 'planted_2' $$, '%"critical_is_not_below_warn"%', 'critical is never below the warning');

-- statements lose what members may have written
select is(private.mask_literals($q$select 'it''s -- no', E'a\'b', 12.5, $1, t1, "A b" /* ' */ from x -- Anna's
where phone = '+49 30 1234$q$), $q$select ?, ?, ?, $1, t1, "A b" ? from x ?
where phone = ?$q$, 'texts, numbers and comments are masked, also when the end is missing');
select is(private.mask_literals($q$do $x$ select 'Anna' $x$; select 'Ben'$q$), 'do ?', 'after a text in dollars nothing follows');

-- indexes
create table public.planted (id integer primary key, user_id uuid references public.users (id), note text);
create index planted_note on public.planted (note);
create index planted_note_again on public.planted (note);
create index planted_other on public.planted (note desc);
select results_eq($$ select problem, table_name, index_name from ops.index_problems where table_name = 'planted' order by 1 $$,
  $$ values ('duplicate', 'planted', 'planted_note_again'), ('foreign_key_without_index', 'planted', null) $$,
  'the younger twin is a duplicate, and the key without an index is found');
select is((select remedy from ops.index_problems where problem = 'foreign_key_without_index' and table_name = 'planted'),
  'create index concurrently on public.planted (user_id)', 'with the statement that mends it');
select is_empty($$ select * from ops.index_problems where problem in ('invalid', 'duplicate', 'foreign_key_without_index') and table_name <> 'planted' $$, 'the product has none of these');

-- bloat: 20,000 rows, of which nine tenths are deleted
create table public.bloated as select g as id, repeat('x', 100) as text from generate_series(1, 20000) g;
create index bloated_ids on public.bloated (id);
analyze public.bloated;
select is_empty($$ select * from ops.bloat where table_name = 'bloated' and bloat_share > 0.2 $$, 'what was just written has no air in it');
delete from public.bloated where id % 10 <> 0;
analyze public.bloated;
select results_eq($$ select index_name, bloat_share between 0.8 and 0.95 from ops.bloat where table_name = 'bloated' order by 1 $$,
  $$ values ('bloated_ids', true), (null, true) $$, 'nine tenths are found, of the table and of its index');

-- sizes and growth
delete from private.size_snapshots where true;
select results_eq($$ select processed > 50, failed from private.measure_sizes(now() - interval '10 days', 1) $$, 'values (true, 0)', 'tables are measured');
select is((select processed from private.measure_sizes(now() - interval '9 days 2 hours', 1)), 0, 'once a day');
update private.size_snapshots set total_bytes = total_bytes - 1000000, row_estimate = 0 where table_name = 'bloated';
select is((select processed > 50 from private.measure_sizes(now(), 1)), true, 'and again on another');
select results_eq($$ select bytes_per_day, since from ops.growth where table_name = 'bloated' $$, $$ values (100000::bigint, now() - interval '10 days') $$, 'growth is per day');
select is((select processed from private.measure_sizes(now() + interval '1000 days', 1)), 0, 'a look ahead measures nothing');
select is_empty('select * from private.size_snapshots', 'and what is older than the setting is forgotten');

-- audits: what a job found
select is((select failed from private.run_audits(now(), 1)), 0, 'audits run as a job');
insert into private.audit_runs (duration_ms, problems) values (5, '{"audit_books": 2, "audit_tasks": 1}');
select results_eq($$ select level, value, detail from ops.alerts where alert = 'audits' $$, $$ values ('critical', 3::numeric, 'audit_books: 2, audit_tasks: 1') $$, 'a problem is critical');
update private.jobs set error = '22012 division by zero', failed_at = now() + interval '1 minute' where job = 'expire_tasks';
select results_eq($$ select level, value, detail from ops.alerts where alert = 'failed_jobs' $$, $$ values ('warn', 1::numeric, 'expire_tasks: 22012 division by zero') $$, 'a job that fails is an alert');
insert into private.backups (taken_at, store, name, bytes, kind, is_verified) values (now() + interval '1 hour', '/tmp', 'unverified', 1, 'scheduled', false), (now() - interval '30 hours', '/tmp', 'old', 1, 'scheduled', true);
delete from private.backups where is_verified and taken_at > now() - interval '30 hours';
select results_eq($$ select level, round(value), detail from ops.alerts where alert = 'backup_age' $$, $$ values ('critical', 30::numeric, 'old in /tmp') $$, 'a backup older than a day, too; one that was not read back does not count');

select * from finish();
rollback;
