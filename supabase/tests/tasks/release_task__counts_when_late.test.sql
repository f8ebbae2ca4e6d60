-- Stepping back in time counts for nothing; late, when one was expected already, is a lapse that the helper reads.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create function pg_temp.lapses(who text) returns text language sql as $$
  select coalesce(string_agg(kind || ' ' || (assigned_at = now() - interval '2 days')::text, ','), 'none') from public.lapses where helper_id = tests.get_supabase_uid(who) $$;
create temporary table t as select tests.task_in('assigned', 'anna', 'ben') as soon, tests.task_in('assigned', 'anna', 'ben') as late, tests.task_in('in_progress', 'anna', 'cem') as begun;
update public.tasks set assigned_at = now() - interval '2 days' + interval '1 second' where id = (select soon from t);
update public.tasks set assigned_at = now() - interval '2 days' where id in (select late from t union select begun from t);

select tests.as_member('ben', format('select public.release_task(%L)', soon)) from t;
select is(pg_temp.lapses('ben'), 'none', 'before one is expected it is in time');
select tests.as_member('ben', format('select public.release_task(%L, ''Sorry.'')', late)) from t;
select is(pg_temp.lapses('ben'), 'late_release true', 'from then on it is late');
select results_eq($$ select details from public.task_events join t on task_id = late where action = 'released' $$, $$ values ('{"reason": "Sorry."}'::jsonb) $$, 'which the event does not tell');
select tests.as_member('ben', format('select public.release_task(%L)', late)) from t;
select is(pg_temp.lapses('ben'), 'late_release true', 'repeated, it counts once');
select tests.as_member('cem', format('select public.release_task(%L)', begun)) from t;
select is(pg_temp.lapses('cem'), 'late_release true', 'also for who had started');
select is((select format('%s %s', no_shows, late_releases) from private.lapse_totals where user_id = tests.get_supabase_uid('cem')), '0 1', 'counted');
select tests.authenticate_as('anna');
select is_empty('select * from public.lapses', 'the creator does not read it');
select tests.reset_authentication();
select tests.books_are_right('the totals agree');

-- called off by the creator, or left by an erased helper or creator: nobody's lapse
create temporary table o as select tests.task_in('assigned', 'anna', 'ben') as cancelled, tests.task_in('assigned', 'anna', 'cem') as left_by_helper;
update public.tasks set assigned_at = now() - interval '9 days' where id in (select cancelled from o union select left_by_helper from o);
select tests.as_member('anna', format('select public.cancel_task(%L)', cancelled)) from o;
select is_empty('select * from public.lapses join o on task_id = cancelled', 'a task called off');
-- and whoever leaves takes their lapses along
delete from auth.users where id = tests.get_supabase_uid('cem');
select is_empty($$ select 1 from public.lapses where helper_id = tests.get_supabase_uid('cem') union all select 1 from private.lapse_totals where user_id = tests.get_supabase_uid('cem') $$,
  'nothing is left of a helper''s lapses');
delete from auth.users where id = tests.get_supabase_uid('anna');
select is(pg_temp.lapses('ben'), 'late_release true', 'those of others stay when a creator leaves');
select tests.books_are_right('and everything agrees');

select * from finish();
rollback;
