-- Reminders come when they are due, once, and only of what still waits.
begin;
select plan(34);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
-- what this database holds already is told before, and by whom it was not
create function pg_temp.run(as_of timestamptz) returns void language sql as $$ select tests.run_jobs('notifications', as_of, 100000) $$;
create function pg_temp.told(member text) returns text language sql as $$
  select coalesce(string_agg(n.type || case n.type when 'confirmation_reminder' then ' ' || split_part(n.dedupe_key, ' ', 4) else '' end, ', ' order by n.id), '') from public.notifications n
  where n.user_id = tests.get_supabase_uid(member) and n.type in ('confirmation_reminder', 'task_expires_soon', 'task_starts_soon', 'code_expires_soon')
$$;

-- a finished task that nobody confirms
create temporary table t as select tests.task_in('pending_confirmation', 'anna', 'ben') as id, tests.task_in('pending_confirmation', 'anna', 'ben') as answered;
grant select on t to authenticated;
select pg_temp.run(now() + interval '3 days' - interval '1 second');
select is(pg_temp.told('anna'), '', 'not before 3 days');
select tests.authenticate_as('anna');
select public.confirm_task(answered) from t;
select tests.reset_authentication();
select pg_temp.run(now() + interval '3 days');
select is(pg_temp.told('anna'), 'confirmation_reminder 3', 'after 3 days, of the one that waits');
select is((select task_id from public.notifications where type = 'confirmation_reminder' and user_id = tests.get_supabase_uid('anna')), (select id from t), 'that one');
update private.pending_confirmations set finished_at = finished_at - interval '4 days' where task_id = (select id from t);
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'confirmation_reminder' and n.user_id = tests.get_supabase_uid('anna')),
  'Ben wartet seit 4 Tagen auf deine Antwort zu „Mow the lawn“. Ben has been waiting for your answer on “Mow the lawn” for 4 days.', 'in words, counted when they are read');
update private.pending_confirmations set finished_at = finished_at + interval '4 days' where task_id = (select id from t);
select pg_temp.run(now() + interval '9 days');
select is(pg_temp.told('anna'), 'confirmation_reminder 3', 'once');
select pg_temp.run(now() + interval '10 days');
select pg_temp.run(now() + interval '11 days');
select is(pg_temp.told('anna'), 'confirmation_reminder 3, confirmation_reminder 10', 'and once more after 10 days');
select is(pg_temp.told('ben'), '', 'the helper is not reminded');
delete from public.notifications where user_id = tests.get_supabase_uid('anna');
select pg_temp.run(now() + interval '12 days');
select is(pg_temp.told('anna'), 'confirmation_reminder 10', 'after a long pause, one reminder is enough');
update private.pending_confirmations set finished_at = now() + interval '20 days' where task_id = (select id from t);
select pg_temp.run(now() + interval '23 days');
select is(pg_temp.told('anna'), 'confirmation_reminder 10, confirmation_reminder 3', 'finished once more, it waits once more');

-- a task about to end
create temporary table e as select tests.post_task('ben', expires_at => now() + interval '5 days') as id, tests.post_task('ben', expires_at => now() + interval '5 hours') as short;
grant select on e to authenticated;
select pg_temp.run(now() + interval '4 days' - interval '1 second');
select is(pg_temp.told('ben'), '', 'not before the last 24 hours; nor of a task that never had more');
select pg_temp.run(now() + interval '4 days');
select pg_temp.run(now() + interval '4 days 1 hour');
select is(pg_temp.told('ben'), 'task_expires_soon', 'in the last 24 hours, once');
select is((select task_id from public.notifications where type = 'task_expires_soon' and user_id = tests.get_supabase_uid('ben')), (select id from e), 'of the right one');
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_expires_soon' and n.user_id = tests.get_supabase_uid('ben')),
  '„Mow the lawn“ läuft noch 5 Tage. “Mow the lawn” ends in 5 days.', 'in words, counted when they are read');
select tests.authenticate_as('ben');
select public.update_task(id, expires_at => tests.iso(now() + interval '8 days')) from e;
select tests.reset_authentication();
select pg_temp.run(now() + interval '4 days 2 hours');
select is(pg_temp.told('ben'), 'task_expires_soon', 'a longer term is no reason to remind');
select pg_temp.run(now() + interval '7 days 1 hour');
select is(pg_temp.told('ben'), 'task_expires_soon, task_expires_soon', 'its own end is');
delete from public.notifications where user_id = tests.get_supabase_uid('ben');
select pg_temp.run(now() + interval '8 days');
select is(pg_temp.told('ben'), '', 'what has ended needs no reminder');

-- a start
delete from public.notifications where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'));
create temporary table s as select tests.task_in('assigned', 'anna', 'ben') as id, tests.task_in('assigned', 'anna', 'ben') as late, tests.task_in('assigned', 'anna', 'ben') as too_late,
  tests.task_in('in_progress', 'anna', 'ben') as begun, tests.post_task('anna') as open;
grant select on s to authenticated;
update public.tasks k set starts_at = now() + case k.id when s.late then interval '10 hours' when s.too_late then interval '90 minutes' else interval '5 days' end
from s where k.id in (s.id, s.late, s.too_late, s.begun, s.open);
select pg_temp.run(now());
select is(pg_temp.told('anna') || pg_temp.told('ben'), '', 'given away less than a day before: not at once, and less than two hours before: not at all');
select pg_temp.run(now() + interval '8 hours');
select is(pg_temp.told('anna') || ' ' || pg_temp.told('ben'), 'task_starts_soon task_starts_soon', 'but two hours before the start, to both');
select results_eq($$ select distinct task_id from public.notifications where type = 'task_starts_soon' $$, 'select late from s', 'of the right one');
select is((select string_agg(x.body_de || ' ' || x.body_en, '' order by n.id) from public.notifications n, private.notification_texts(n) x where n.type = 'task_starts_soon' and n.user_id = tests.get_supabase_uid('ben')),
  '„Mow the lawn“ beginnt in 10 Stunden. “Mow the lawn” starts in 10 hours.', 'in words, counted when they are read');
select pg_temp.run(now() + interval '9 hours');
select pg_temp.run(now() + interval '11 hours');
select is(pg_temp.told('anna') || ' ' || pg_temp.told('ben'), 'task_starts_soon task_starts_soon', 'once');
select is((select bool_or(private.is_over(n)) from public.notifications n where n.type = 'task_starts_soon'), false, 'until then it is to come');
update public.tasks set starts_at = now() where id = (select late from s);
select is((select bool_and(private.is_over(n)) from public.notifications n where n.type = 'task_starts_soon'), true, 'from then on it is over: nothing is sent any more');
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_starts_soon' and n.user_id = tests.get_supabase_uid('ben')),
  '„Mow the lawn“ stand kurz bevor. “Mow the lawn” was about to start.', 'in words');
delete from public.notifications where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'));
select pg_temp.run(now() + interval '4 days' - interval '1 second');
select is(pg_temp.told('anna') || pg_temp.told('ben'), '', 'not before the last 24 hours');
select pg_temp.run(now() + interval '4 days');
select pg_temp.run(now() + interval '4 days 23 hours');
select is(pg_temp.told('anna') || ' ' || pg_temp.told('ben'), 'task_expires_soon, task_starts_soon task_starts_soon', 'in the last 24 hours, once; an open task ends at its start; work that has begun needs no reminder');
select results_eq($$ select distinct task_id from public.notifications where type = 'task_starts_soon' $$, 'select id from s', 'of the right one');
select tests.as_member('ben', format('select public.start_task(%L)', id)) from s;
select is((select bool_and(private.is_over(n)) from public.notifications n where n.type = 'task_starts_soon'), true, 'who has begun need not be told');
delete from public.notifications where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'));

-- a code about to end
select tests.create_partner('bakery');
create temporary table r as select tests.redeem('ben', tests.create_reward('bakery', '{"title_de": "Ein Brot", "title_en": "A loaf", "code_valid_days": 30}')) as id,
  tests.redeem('ben', tests.create_reward('bakery', '{"code_valid_days": 2}')) as short;
select pg_temp.run((select expires_at from public.redemptions where id = r.id) - interval '3 days 1 second') from r;
select is(pg_temp.told('ben'), '', 'not before the last 3 days; nor of a code that never had more');
select pg_temp.run((select expires_at from public.redemptions where id = r.id) - interval '3 days') from r;
select pg_temp.run((select expires_at from public.redemptions where id = r.id) - interval '1 day') from r;
select is(pg_temp.told('ben'), 'code_expires_soon', 'in the last 3 days, once');
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'code_expires_soon' and n.user_id = tests.get_supabase_uid('ben')),
  'Der Code für „Ein Brot“ gilt noch 30 Tage. The code for “A loaf” ends in 30 days.', 'in words, counted when they are read');
delete from public.notifications where user_id = tests.get_supabase_uid('ben');
select private.end_redemption(x, 'expired', null, 0) from public.redemptions x where x.id = (select id from r);
select pg_temp.run(expires_at - interval '1 day') from public.redemptions where id = (select id from r);
select is(pg_temp.told('ben'), '', 'a code that has ended needs no reminder');

-- limits
select lives_ok('select tests.run_jobs(''notifications'', null, 10)', 'no moment: nothing is due');
-- what else is due by then is told before
select pg_temp.run(now() + interval '50 hours');
create temporary table many as select tests.post_task('anna', expires_at => now() + interval '3 days') as id from generate_series(1, 3);
select results_eq($$ select processed from tests.run_jobs('notifications', now() + interval '50 hours', 2) where job = 'remind_of_deadlines'
  union all select processed from tests.run_jobs('notifications', now() + interval '50 hours', 2) where job = 'remind_of_deadlines' $$, array[2, 1], 'in batches');

select * from finish();
rollback;
