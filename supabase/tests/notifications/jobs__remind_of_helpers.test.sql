-- Who is reminded of tasks under way: the helper when expected, the creator once they may be replaced, both when nobody ends it.
begin;
select plan(18);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.run(as_of timestamptz) returns void language sql as $$ select tests.run_jobs('notifications', as_of, 100000) $$;
create function pg_temp.told(member text) returns text language sql as $$
  select coalesce(string_agg(n.type, ', ' order by n.id), '') from public.notifications n
  where n.user_id = tests.get_supabase_uid(member) and n.type in ('start_reminder', 'start_overdue', 'task_unended') $$;
create function pg_temp.words(member text) returns text language sql as $$
  select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.user_id = tests.get_supabase_uid(member) order by n.id desc limit 1 $$;
create temporary table t as select tests.task_in('assigned', 'anna', 'ben') as id;

select pg_temp.run(now() + interval '2 days' - interval '1 second');
select is(pg_temp.told('ben'), '', 'not before the helper is expected');
select pg_temp.run(now() + interval '2 days');
select pg_temp.run(now() + interval '2 days 1 hour');
select is(pg_temp.told('ben'), 'start_reminder', 'then, once');
select is(pg_temp.words('ben'), 'Anna rechnet bei „Mow the lawn“ mit dir. Fang an, gib Bescheid oder gib die Aufgabe ab. Anna is counting on you for “Mow the lawn”. Start it, send word or step back.', 'in words');
select is(pg_temp.told('anna'), '', 'the creator waits');
select pg_temp.run(now() + interval '3 days' - interval '1 second');
select is(pg_temp.told('anna'), '', 'as long as the grace period lasts');
select pg_temp.run(now() + interval '3 days');
select is(pg_temp.told('anna'), 'start_overdue', 'and is told when the helper may be replaced');
select is(pg_temp.words('anna'), 'Ben hat mit „Mow the lawn“ noch nicht begonnen. Du kannst dir jetzt jemand anderen suchen. Ben has not started “Mow the lawn” yet. You can choose somebody else now.', 'in words');
select pg_temp.run(now() + interval '15 days');
select is(pg_temp.told('anna') || ' ' || pg_temp.told('ben'), 'start_overdue start_reminder', 'that is all for a while');
select pg_temp.run(now() + interval '16 days');
select pg_temp.run(now() + interval '20 days');
select is(pg_temp.told('anna') || ' ' || pg_temp.told('ben'), 'start_overdue, task_unended start_reminder, task_unended', 'until nobody ends it: both are told');
select is(pg_temp.words('ben'), '„Mow the lawn“ läuft schon lange. Bring die Aufgabe zu Ende, gib sie ab oder sag sie ab. “Mow the lawn” has been under way for long. Finish it, step back or call it off.', 'in words');
delete from public.notifications where task_id = (select id from t);
select pg_temp.run(now() + interval '9 months');
select is(pg_temp.told('anna') || pg_temp.told('ben'), '', 'after a long pause nobody is reminded of the past');

-- who starts is not reminded of starting
create temporary table s as select tests.task_in('in_progress', 'anna', 'ben') as id;
select pg_temp.run(now() + interval '5 days');
select is_empty($$ select * from public.notifications join s on task_id = s.id where type in ('start_reminder', 'start_overdue') $$, 'whoever has begun needs no reminder');
select pg_temp.run(now() + interval '14 days');
select bag_eq($$ select type::text, user_id from public.notifications join s on task_id = s.id where type not in ('offer_received', 'offer_accepted', 'task_started') $$,
  $$ values ('task_unended', tests.get_supabase_uid('anna')), ('task_unended', tests.get_supabase_uid('ben')) $$, 'but one to end it');
-- what is over reads so, and is not sent
select tests.as_member('ben', format('select public.finish_task(%L)', id)) from s;
select is((select string_agg(x.body_en, ' ') from public.notifications n, private.notification_texts(n) x where n.task_id = (select id from s) and n.type = 'task_unended'),
  '“Mow the lawn” had been under way for long. “Mow the lawn” had been under way for long.', 'once it is finished it reads as past');
select ok((select bool_and(private.is_over(n)) from public.notifications n where n.task_id = (select id from s) and n.type = 'task_unended'), 'and is not sent any more');
-- a new helper is a new expectation
delete from public.notifications where task_id = (select id from t);
update private.tasks_under_way set expected_at = now() + interval '1 day' where task_id = (select id from t);
select pg_temp.run(now() + interval '1 day');
select is((select count(*)::integer from public.notifications where task_id = (select id from t) and type = 'start_reminder'), 1, 'whoever is expected anew is reminded anew');
update private.settings set start_reminder_days = 5 where is_singleton;
create temporary table u as select tests.task_in('assigned', 'anna', 'ben') as id;
select pg_temp.run(now() + interval '4 days');
select is_empty($$ select * from public.notifications join u on task_id = u.id where type = 'start_reminder' $$, 'how long is a setting');
select pg_temp.run(now() + interval '5 days');
select is((select count(*)::integer from public.notifications join u on task_id = u.id where type = 'start_reminder'), 1, 'which holds for new helpers');

select * from finish();
rollback;
