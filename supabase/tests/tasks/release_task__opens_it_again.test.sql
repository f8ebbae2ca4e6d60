begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as id;
grant select on t to authenticated;
select tests.offer_help('cem', id), tests.offer_help('dora', id) from t;
create function pg_temp.task() returns public.tasks language sql as $$ select k from public.tasks k join t using (id) $$;
create function pg_temp.offer(who text) returns text language sql as $$ select status from public.task_offers o join t on o.task_id = t.id where o.helper_id = tests.get_supabase_uid(who) $$;
grant execute on function pg_temp.task() to authenticated;
select tests.authenticate_as('dora');
select public.withdraw_offer(o.id) from public.task_offers o;
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on(id, 'ben')) from t;
select tests.authenticate_as('ben');
select public.start_task(id) from t;

select is(tests.error_of(format('select public.release_task(%L, repeat(''x'', 1001))', id)), 'PT400 text_too_long (reason)', 'an overlong reason') from t;
select is(tests.error_of(format('select public.release_task(%L, E''a\u0007'')', id)), 'PT400 text_has_control_characters (reason)', 'control characters in the reason') from t;
select is(tests.error_of('select public.release_task(null)'), 'PT404 task_not_found', 'no task');
select is((pg_temp.task()).status, 'in_progress', 'change nothing');

select results_eq($$ select k.status::text, k.helper_id, k.assigned_at, k.started_at, k.finished_at from t, public.release_task(id, ' My back hurts. ') k $$,
  $$ values ('open', null::uuid, null::timestamptz, null::timestamptz, null::timestamptz) $$, 'the task is open again, as if nobody had begun');
select results_eq('select action::text, actor_id, helper_id, details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('released', tests.get_supabase_uid('ben'), tests.get_supabase_uid('ben'), '{"reason": "My back hurts."}'::jsonb) $$, 'the event holds the reason');
select is(tests.error_of(format('select public.reveal_task_contact(%L)', id)), 'PT404 task_not_found', 'whoever stepped back no longer sees the exact place') from t;
select tests.reset_authentication();
select is(pg_temp.offer('ben'), 'withdrawn', 'the own offer is withdrawn');
select results_eq($$ select status::text, decided_at from public.task_offers o join t on o.task_id = t.id where o.helper_id = tests.get_supabase_uid('cem') $$,
  $$ values ('pending', null::timestamptz) $$, 'an offer that was passed over is pending again');
select is(pg_temp.offer('dora'), 'withdrawn', 'what was withdrawn before stays withdrawn');
select tests.books_are_right('the task is listed again');
select tests.authenticate_as('emil');
select results_eq('select id from public.nearby_tasks(-48.8767, -123.3933)', 'select id from t', 'others find it again');

-- repeated
select tests.reset_authentication();
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
select tests.authenticate_as('ben');
select is(public.release_task(id, 'Said twice.'), pg_temp.task(), 'releasing again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select tests.reset_authentication();
select is((select count(*)::int from public.task_events join t on task_id = t.id where action = 'released'), 1, 'with one event');

-- the next helper; the one who stepped back is out
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on(id, 'cem')) from t;
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.release_task(%L)', id)), 'PT404 task_not_found', 'whoever stepped back has no part in it any more') from t;
select is(tests.error_of(format('select public.finish_task(%L)', id)), 'PT404 task_not_found', 'cannot finish it') from t;
select results_eq('select distinct helper_id from public.task_events', $$ values (tests.get_supabase_uid('ben')) $$, 'and reads the events of the own time only');
select tests.authenticate_as('cem');
select is_empty($$ select * from public.task_events where details ->> 'reason' = 'My back hurts.' $$, 'the next helper does not read the reason of the one before');
select is((public.release_task(id)).status, 'open', 'a reason may be left out') from t;
select results_eq('select details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1', 'select null::jsonb', 'then there is none');
select tests.authenticate_as('ben');
select is((public.offer_help(id)).status, 'pending', 'whoever stepped back may offer again') from t;

-- before starting, too; but not when the work is reported as done
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on(id, 'ben')) from t;
select tests.authenticate_as('ben');
select is((public.release_task(id)).status, 'open', 'stepping back before starting') from t;
select public.offer_help(id) from t;
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on(id, 'ben')) from t;
select tests.authenticate_as('ben');
select public.finish_task(id) from t;
select is(tests.error_of(format('select public.release_task(%L)', id)), 'PT409 task_not_releasable (pending_confirmation)', 'not after finishing') from t;
select is((pg_temp.task()).helper_id, tests.get_supabase_uid('ben'), 'the helper stays');
select tests.authenticate_as('anna');
select public.reject_completion(id, 'Not yet.') from t;

-- while the creator is banned the task opens but is not found
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('ben');
select is((public.release_task(id)).status, 'open', 'a helper may step back from a banned creator''s task') from t;
select tests.authenticate_as('emil');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'which is not found');
select tests.reset_authentication();
select tests.books_are_right();
select ops.unban_user(tests.get_supabase_uid('anna'));
select tests.authenticate_as('emil');
select results_eq('select id from public.nearby_tasks(-48.8767, -123.3933)', 'select id from t', 'until the ban is lifted');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
