begin;
select plan(22);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select tests.task_in('assigned', 'anna', 'ben') as id, tests.task_in('assigned', 'anna', 'ben') as direct;
grant select on t to authenticated;
create function pg_temp.make_old() returns void language sql as $$ update public.tasks set updated_at = now() - interval '1 hour' $$;
create function pg_temp.task() returns public.tasks language sql as $$ select k from public.tasks k join t using (id) $$;
create function pg_temp.last_event(task_id uuid) returns jsonb language sql as $$
  select to_jsonb(e) - 'id' - 'task_id' - 'created_at' - 'creator_id' from public.task_events e where e.task_id = $1 order by e.id desc limit 1 $$;
create function pg_temp.events(task_id uuid, action text) returns integer language sql as $$
  select count(*)::integer from public.task_events e where e.task_id = $1 and e.action = $2 $$;
grant execute on function pg_temp.task(), pg_temp.last_event(uuid), pg_temp.events(uuid, text) to authenticated;

-- starting
select tests.authenticate_as('ben');
select results_eq('select k.status::text, k.started_at, k.finished_at from t, public.start_task(id) k', $$ values ('in_progress', now(), null::timestamptz) $$, 'the helper starts');
select is(pg_temp.last_event(id), jsonb_build_object('action', 'started', 'actor_id', tests.get_supabase_uid('ben'), 'helper_id', tests.get_supabase_uid('ben'), 'details', null), 'the event says so') from t;
select tests.reset_authentication();
select pg_temp.make_old();
select tests.authenticate_as('ben');
select is(public.start_task(id), pg_temp.task(), 'starting again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select is(pg_temp.events(id, 'started'), 1, 'with one event') from t;

-- finishing
select is(tests.error_of(format('select public.finish_task(%L, repeat(''x'', 1001))', id)), 'PT400 text_too_long (note)', 'an overlong note') from t;
select is(tests.error_of(format('select public.finish_task(%L, E''a\u0007'')', id)), 'PT400 text_has_control_characters (note)', 'control characters in the note') from t;
select is((pg_temp.task()).status, 'in_progress', 'change nothing');
select results_eq('select k.status::text, k.started_at, k.finished_at, k.completed_at from t, public.finish_task(id, E''  Two bags\nof leaves. '') k',
  $$ values ('pending_confirmation', now(), now(), null::timestamptz) $$, 'the helper finishes');
select is(pg_temp.last_event(id), jsonb_build_object('action', 'finished', 'actor_id', tests.get_supabase_uid('ben'), 'helper_id', tests.get_supabase_uid('ben'), 'details', jsonb_build_object('note', E'Two bags\nof leaves.')),
  'the event holds the note') from t;
select tests.reset_authentication();
select results_eq('select finished_at from private.pending_confirmations join t on task_id = id', 'select now()', 'the deadline for the answer begins');
select pg_temp.make_old();
select tests.authenticate_as('ben');
select is(public.finish_task(id, 'Again.'), pg_temp.task(), 'finishing again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select is(pg_temp.events(id, 'finished'), 1, 'with one event, and the first note') from t;
select is((select count(*)::int from public.point_transactions), 0, 'no points have moved');

-- finishing without starting
select results_eq('select k.status::text, k.started_at, k.finished_at from t, public.finish_task(direct) k', $$ values ('pending_confirmation', now(), now()) $$, 'starting may be left out');
select is(pg_temp.last_event(direct) -> 'details', 'null'::jsonb, 'so may the note') from t;
select is(pg_temp.events(direct, 'started'), 0, 'nobody started') from t;

-- what was started keeps its time
select tests.reset_authentication();
update public.tasks set started_at = now() - interval '2 hours', finished_at = now() - interval '1 hour' where id = (select id from t);
select tests.authenticate_as('anna');
select public.reject_completion(id, 'Not yet.') from t;
select tests.authenticate_as('ben');
select results_eq('select k.started_at, k.finished_at from t, public.finish_task(id) k', $$ values (now() - interval '2 hours', now()) $$, 'finishing again after a rejection keeps the start');
select is(tests.error_of('select public.start_task(null)'), 'PT404 task_not_found', 'no task to start');
select is(tests.error_of('select public.finish_task(null)'), 'PT404 task_not_found', 'no task to finish');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
