-- Until both have rated or 7 days have passed, nobody but its author can tell that there is a rating: not from the table,
-- not from anything else that changes, not by being refused differently.
begin;
select plan(53);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
-- the ratings of this file, with the rights of whoever reads: the demo neighbourhood has some, too
create temporary view own with (security_invoker = true) as
select r.* from public.ratings r where r.rater_id in (select tests.get_supabase_uid(name) from unnest(array['anna', 'ben', 'cem']) name);
grant select on own to public;
create temporary table t as select tests.task_in('completed', 'anna', 'ben') as rated, tests.task_in('completed', 'anna', 'ben') as unrated;
grant select on t to public;

-- Everything that ben, a stranger and the secret key can see, before: every row of every table they may read. The owner
-- sees the place a write would have moved it from, too. (The marks of locks show between transactions only:
-- tests/attacks/ratings.test.ts)
create function pg_temp.sees()
returns table (name text, content text)
language plpgsql
as $$
declare
  v_class record;
begin
  for v_class in
    select c.oid::regclass::text as relation, c.relkind from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'v') and has_any_column_privilege(c.oid, 'select')
      -- what these show changes by itself: the server, and how long something waits
      and not (c.relnamespace = 'ops'::regnamespace and c.relname in ('alerts', 'bloat', 'cache', 'connections', 'index_problems', 'locks', 'long_transactions', 'outbox_backlog', 'replication', 'sizes', 'slow_queries', 'vacuum_debt'))
      and not (c.oid = 'public.ratings'::regclass and has_table_privilege(c.oid, 'select'))
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  loop
    name := v_class.relation;
    execute format('select md5(string_agg(x::text, '';'' order by x::text)) from (select %s r.* from %s r) x',
      case when v_class.relkind = 'r' and has_table_privilege(v_class.relation, 'select') then 'r.ctid::text,' else '' end, v_class.relation) into content;
    return next;
  end loop;
end $$;
grant execute on function pg_temp.sees() to public;
create temporary table before (who text, name text, content text);
grant insert, select on before to public;

select tests.authenticate_as('ben');
insert into before select 'ben', * from pg_temp.sees();
select tests.authenticate_as('cem');
insert into before select 'cem', * from pg_temp.sees();
select tests.authenticate_as_service_role();
insert into before select 'service', * from pg_temp.sees();
select tests.clear_authentication();
insert into before select 'anon', * from pg_temp.sees();
select tests.reset_authentication();
insert into before select 'owner', * from pg_temp.sees();
select cmp_ok((select count(*)::int from before where who = 'ben' and content is not null), '>=', 10, 'there is something to see');

-- anna rates: hidden
select tests.rate_task('anna', rated, 2, 'Slow and grumpy.') from t;
select tests.authenticate_as('anna');
select results_eq('select score, comment, revealed_at from own', $$ values (2, 'Slow and grumpy.', null::timestamptz) $$, 'author: reads it');
select is((select count(*)::int from public.list_ratings(tests.get_supabase_uid('ben'))), 0, 'author: it is not in the list of revealed ones');

create function pg_temp.same(who text) returns text
language sql as $$
  select extensions.is_empty(
    format('(select name, content from before where who = %1$L except select * from pg_temp.sees()) union all (select * from pg_temp.sees() except select name, content from before where who = %1$L)', who),
    who || ': every row of every table reads as before')
$$;
grant execute on function pg_temp.same(text) to public;
select tests.authenticate_as('ben');
select pg_temp.same('ben');
select tests.authenticate_as('cem');
select pg_temp.same('cem');
select tests.authenticate_as_service_role();
select pg_temp.same('service');
select tests.clear_authentication();
select pg_temp.same('anon');
select tests.reset_authentication();
select pg_temp.same('owner');

-- the rated side and a stranger ask in every way the API has
create temporary table hidden as select id from own;
grant select on hidden to public;
create function pg_temp.asks(who text) returns setof text
language plpgsql as $$
declare
  v_task uuid := (select rated from t);
  v_anna uuid := tests.get_supabase_uid('anna');
begin
  perform tests.authenticate_as(who);
  return next extensions.is((select count(*)::int from own), 0, who || ': select finds nothing');
  return next extensions.is((select count(*)::int from public.ratings where rater_id = v_anna), 0, who || ': by author: nothing');
  return next extensions.is((select count(*)::int from public.ratings where task_id = v_task and revealed_at is null), 0, who || ': by task: nothing');
  return next extensions.is((select max(score) from own), null, who || ': no aggregate');
  return next extensions.is((select count(*)::int from (select from own order by score, comment) o), 0, who || ': no order');
  -- a filter that fails on a row it should not see would tell of it
  return next extensions.is(tests.error_of(format('select * from public.ratings where case rater_id when %L then 1 / (score - 2) > 0 end', v_anna)), 'no error', who || ': a filter that would divide by zero never meets it');
  return next extensions.is(tests.error_of(format('select * from public.ratings where case rater_id when %L then comment::integer > 0 end', v_anna)), 'no error', who || ': nor a cast');
  return next extensions.is((select count(*)::int from public.list_ratings(tests.get_supabase_uid('ben'))), 0, who || ': list_ratings finds nothing');
  return next extensions.is(tests.error_of(format('select * from public.list_ratings(%L, 20, %L)', tests.get_supabase_uid('ben'), h.id)), 'PT400 cursor_invalid',
    who || ': its id is no cursor') from hidden h;
  return next extensions.results_eq(format('select part::text, amount from public.explain_trust(%L)', tests.get_supabase_uid('ben')),
    $x$ values ('average', 0::numeric), ('number', 0::numeric), ('limit', 0::numeric) $x$, who || ': trust is explained without it');
  return next extensions.is((select count(*)::int from public.task_events e where e.created_at > now()), 0, who || ': no event');
  return next extensions.is(tests.error_of('insert into public.ratings (task_id, rater_id, ratee_id, score) select task_id, rater_id, ratee_id, 5 from public.ratings'),
    '42501 permission denied for table ratings', who || ': no insert that would collide with it');
end $$;
grant execute on function pg_temp.asks(text) to public;
select pg_temp.asks('ben');
select tests.reset_authentication();
select pg_temp.asks('cem');
select tests.reset_authentication();

-- being refused tells nothing: a rated and an unrated task answer alike
create function pg_temp.answers(task_id uuid) returns text[]
language sql as $$
  select array_agg(tests.error_of(format(command, task_id)) order by command)
  from unnest(array['select public.rate_task(%L, 0)', 'select public.rate_task(%L, 3, repeat(''x'', 1001))', 'select public.confirm_task(%L)', 'select public.cancel_task(%L)',
    'select public.start_task(%L)', 'select public.release_task(%L)']) command $$;
grant execute on function pg_temp.answers(uuid) to public;
select tests.authenticate_as('ben');
select is(pg_temp.answers(rated), pg_temp.answers(unrated), 'ben: commands on both tasks answer alike') from t;
select tests.authenticate_as('cem');
select is(tests.error_of(format('select public.rate_task(%L, 3)', rated)), tests.error_of(format('select public.rate_task(%L, 3)', unrated)), 'cem: neither exists') from t;

-- who passes row level security gets no right on the table instead
select tests.authenticate_as_service_role();
select is(tests.error_of('select id from public.ratings'), '42501 permission denied for table ratings', 'service role: may not read the table');
select is(tests.error_of('select count(*) from public.ratings'), '42501 permission denied for table ratings', 'service role: nor count it');
select is(tests.error_of('select * from private.rating_totals'), '42501 permission denied for table rating_totals', 'service role: nor the totals');
select is_empty(format('select * from ops.revealed_ratings where ratee_id = %L', tests.get_supabase_uid('ben')), 'service role: the view of revealed ones is empty');
select is_empty('select * from ops.audit_ratings()', 'service role: the audit does not name it');
select tests.clear_authentication();
select is(tests.error_of('select id from public.ratings'), '42501 permission denied for table ratings', 'anon: may not read the table');
select is(tests.error_of('select * from public.list_ratings(null)'), '42501 permission denied for function list_ratings', 'anon: nor call the list');
select tests.reset_authentication();
select is_empty($$ select grantee from information_schema.role_column_grants where table_schema = 'public' and table_name = 'ratings'
  and grantee not in ('authenticated', current_user) $$, 'members are the only ones with a right on the table');
select is_empty($$ select grantee, privilege_type from information_schema.role_column_grants where table_schema = 'public' and table_name = 'ratings'
  and grantee = 'authenticated' and privilege_type <> 'SELECT' $$, 'and it is to read');

select is_empty($$ select k.conname from pg_constraint k where k.conrelid = 'public.ratings'::regclass and k.contype = 'f'
  and (has_any_column_privilege('authenticated', k.confrelid, 'select') or has_any_column_privilege('service_role', k.confrelid, 'select')) $$,
  'no foreign key locks a row that somebody reads');

-- an estimate is an answer, too
insert into public.ratings (task_id, rater_id, ratee_id, score, comment)
select gen_random_uuid(), tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 1, 'x' from generate_series(1, 200);
analyze public.ratings;
select is_empty($$ select attname from pg_stats where schemaname = 'public' and tablename = 'ratings' $$, 'the planner keeps no statistics of ratings');
create function pg_temp.estimate(filter text) returns bigint
language plpgsql as $$
declare
  v_plan json;
begin
  execute 'explain (format json) select * from public.ratings where ' || filter into v_plan;
  return (v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end $$;
grant execute on function pg_temp.estimate(text) to public;
select tests.authenticate_as('cem');
select is(pg_temp.estimate(format('ratee_id = %L', tests.get_supabase_uid('ben'))), pg_temp.estimate(format('ratee_id = %L', gen_random_uuid())), 'so it estimates 201 and 0 of them alike');
select is(pg_temp.estimate('score = 1'), pg_temp.estimate('score = 5'), 'by score, too');
select tests.reset_authentication();
delete from public.ratings where comment = 'x';

-- the other side rates: now everybody reads both
select tests.rate_task('ben', rated, 5) from t;
select tests.authenticate_as('cem');
select results_eq('select score, comment, revealed_at from own order by score', $$ values (2, 'Slow and grumpy.', now()), (5, null, now()) $$, 'revealed: a stranger reads both');
select results_eq($$ select id, rater_name, score from public.list_ratings(tests.get_supabase_uid('ben')) $$, $$ select id, 'Anna', 2 from hidden $$, 'revealed: in the list');
select results_eq($$ select rating_average, rating_count, trust_score from public.users where id = tests.get_supabase_uid('ben') $$, $$ values (2.00, 1, 0.58) $$, 'revealed: and counted');
select tests.authenticate_as_service_role();
select results_eq(format('select score from ops.revealed_ratings where task_id = %L order by score', (select rated from t)), array[2, 5], 'revealed: for the secret key in the view');
select is(tests.error_of('select id from public.ratings'), '42501 permission denied for table ratings', 'revealed: and there only');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
