-- replace_helper: the creator gives up waiting, after a grace period; a no-show counts only where nothing was heard.
begin;
select plan(64);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil');
create temporary table t as select tests.post_task('anna') as id;
grant select on t to authenticated;
select tests.offer_help('ben', id), tests.offer_help('cem', id), tests.offer_help('dora', id) from t;
create function pg_temp.task() returns public.tasks language sql as $$ select k from public.tasks k join t using (id) $$;
create function pg_temp.offer(who text) returns text language sql as $$ select status from public.task_offers o join t on o.task_id = t.id where o.helper_id = tests.get_supabase_uid(who) $$;
create function pg_temp.expected(since interval) returns void language sql as $$ update private.tasks_under_way w set expected_at = now() - since from t where w.task_id = t.id $$;
create function pg_temp.totals(who text) returns text language sql as $$
  select coalesce((select format('%s %s', no_shows, late_releases) from private.lapse_totals where user_id = tests.get_supabase_uid(who)), 'none') $$;
create function pg_temp.replace_error() returns text language sql as $$ select tests.error_of(format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t $$;
grant execute on function pg_temp.task(), pg_temp.replace_error() to authenticated;
-- accepted a week ago, so that the next acceptance is another one
create function pg_temp.accept(who text, since interval) returns void language plpgsql as $$
begin
  perform tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on((select id from t), who)));
  update public.tasks k set assigned_at = now() - since from t where t.id = k.id;
  perform pg_temp.expected(since - interval '2 days');
end $$;

select tests.authenticate_as('dora');
select public.withdraw_offer(o.id) from public.task_offers o;
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), 'PT409 helper_not_replaceable (open)', 'nobody to replace yet');
select public.accept_offer(tests.offer_on(id, 'ben')) from t;
select tests.reset_authentication();
select is((select expected_at from private.tasks_under_way join t on task_id = id), now() + interval '2 days', 'without an agreed start the helper is expected 2 days later');

-- the grace period
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), format('PT409 helper_not_overdue (%s)', tests.iso(now() + interval '3 days')), 'not at once; the detail says from when on');
select tests.reset_authentication();
select pg_temp.expected(interval '1 day' - interval '1 second');
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), format('PT409 helper_not_overdue (%s)', tests.iso(now() + interval '1 second')), 'nor a second too early');
select tests.reset_authentication();
select pg_temp.expected(interval '1 day');

-- who may, and with what
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.replace_helper(%L, repeat(''x'', 1001))', id)), 'PT400 text_too_long (reason)', 'an overlong reason') from t;
select is(tests.error_of(format('select public.replace_helper(%L, '' '')', id)), 'PT400 text_blank (reason)', 'no reason') from t;
select is(tests.error_of(format('select public.replace_helper(%L, null)', id)), 'PT400 text_blank (reason)', 'null for a reason') from t;
select is(tests.error_of('select public.replace_helper(null, ''Nobody came.'')'), 'PT404 task_not_found', 'no task');
select tests.authenticate_as('ben');
select is(pg_temp.replace_error(), 'PT404 task_not_found', 'the helper may not');
select tests.authenticate_as('emil');
select is(pg_temp.replace_error(), 'PT404 task_not_found', 'nor anybody else');
select tests.clear_authentication();
select throws_ok('select public.replace_helper(null, ''Nobody came.'')', '42501', null, 'nor somebody who is not signed in');
select tests.reset_authentication();
select is((pg_temp.task()).status, 'assigned', 'none of which changed anything');
select is(pg_temp.totals('ben'), 'none', 'or counted');

-- replaced
select tests.authenticate_as('anna');
select results_eq($$ select k.status::text, k.helper_id, k.assigned_at from t, public.replace_helper(id, ' Nobody came. ') k $$,
  $$ values ('open', null::uuid, null::timestamptz) $$, 'the task is open again');
select results_eq('select action::text, actor_id, helper_id, details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('replaced', tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), '{"reason": "Nobody came."}'::jsonb) $$, 'the event holds the reason, and not whether it counts');
select is_empty('select * from public.lapses', 'the creator reads no lapse');
select tests.reset_authentication();
select is(pg_temp.offer('ben'), 'withdrawn', 'the offer of the helper has ended');
select is(pg_temp.offer('cem'), 'pending', 'an offer that was passed over is pending again');
select is(pg_temp.offer('dora'), 'withdrawn', 'what was withdrawn before stays withdrawn');
select is(pg_temp.totals('ben'), '1 0', 'a no-show, because nothing was heard');
select is_empty('select * from private.tasks_under_way join t on task_id = id', 'nobody is expected any more');
select tests.books_are_right('everything agrees');
select tests.authenticate_as('emil');
select results_eq('select id from public.nearby_tasks(-48.8767, -123.3933)', 'select id from t', 'others find it again');
select tests.authenticate_as('ben');
select results_eq('select kind::text, statement, decision::text from public.lapses join t on task_id = t.id', $$ values ('no_show', null::text, null::text) $$, 'the helper reads the no-show');
select results_eq($$ select details ->> 'reason' from public.task_events where action = 'replaced' $$, $$ values ('Nobody came.') $$, 'and the reason');
select is(tests.error_of(format('select public.reveal_task_contact(%L)', id)), 'PT404 task_not_found', 'and is no longer shown the exact place') from t;
select is(tests.error_of(format('select public.start_task(%L)', id)), 'PT404 task_not_found', 'has no part in it any more') from t;
select is(tests.error_of(format('select public.release_task(%L)', id)), 'PT404 task_not_found', 'and nothing to give back') from t;

-- repeated
select tests.reset_authentication();
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
select tests.authenticate_as('anna');
select is(public.replace_helper(id, 'Said twice.'), pg_temp.task(), 'replacing again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select tests.reset_authentication();
select is(pg_temp.totals('ben'), '1 0', 'counted once');

-- what is no no-show: a start …
select pg_temp.accept('cem', interval '7 days');
select tests.as_member('cem', format('select public.start_task(%L)', id)) from t;
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), format('PT409 helper_not_overdue (%s)', tests.iso(now() + interval '14 days')), 'whoever has started has much longer');
select tests.reset_authentication();
select pg_temp.expected(interval '14 days');
select tests.authenticate_as('anna');
select is((public.replace_helper(id, 'It has been weeks.')).status, 'open', 'but not for ever') from t;
select tests.reset_authentication();
select is(pg_temp.totals('cem'), 'none', 'who started has not stayed away');
-- … also one that was sent back: the clock begins anew
select tests.offer_help('cem', id) from t;
select pg_temp.accept('cem', interval '6 days');
select tests.as_member('cem', format('select public.finish_task(%L)', id)) from t;
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), 'PT409 helper_not_replaceable (pending_confirmation)', 'finished work is confirmed or rejected');
select public.reject_completion(id, 'The hedge.') from t;
select is(pg_temp.replace_error(), format('PT409 helper_not_overdue (%s)', tests.iso(now() + interval '14 days')), 'and rejected work gets its time');
select tests.as_member('cem', format('select public.release_task(%L)', id)) from t;
select is(pg_temp.totals('cem'), '0 1', 'stepping back after one was expected is late');
-- … a word to the creator, from the acceptance on
select tests.offer_help('emil', id) from t;
select tests.as_member('emil', format('select public.send_message(%L, ''Gladly!'', gen_random_uuid())', tests.offer_on(id, 'emil'))) from t;
update private.messages set created_at = now() - interval '10 days' where sender_id = tests.get_supabase_uid('emil');
select pg_temp.accept('emil', interval '5 days' + interval '1 hour');
savepoint silent;
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select is(pg_temp.totals('emil'), '1 0', 'what was said before the acceptance is no sign');
rollback to silent;
select tests.as_member('anna', format('select public.send_message(%L, ''Where are you?'', gen_random_uuid())', tests.offer_on(id, 'emil'))) from t;
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select is(pg_temp.totals('emil'), '1 0', 'nor what the creator says');
rollback to silent;
select tests.as_member('emil', format('select public.send_message(%L, ''My bus is late.'', gen_random_uuid())', tests.offer_on(id, 'emil'))) from t;
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select is(pg_temp.totals('emil'), 'none', 'who has written since has not stayed away');
-- … a ban, over or not
select tests.offer_help('emil', id) from t;
select pg_temp.accept('emil', interval '5 days');
select ops.ban_user(tests.get_supabase_uid('emil'), 'test');
select ops.unban_user(tests.get_supabase_uid('emil'));
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select is(pg_temp.totals('emil'), 'none', 'who was banned meanwhile could not come');
-- … a block
select tests.offer_help('dora', id) from t;
select pg_temp.accept('dora', interval '4 days');
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('dora')));
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select is(pg_temp.totals('dora'), 'none', 'nor whom the creator has shut out');
select is_empty($$ select * from public.lapses where helper_id = tests.get_supabase_uid('dora') $$, 'no row either');

-- the same helper once more is another no-show; a ban of the creator stops the creator
select tests.offer_help('ben', id) from t;
select pg_temp.accept('ben', interval '3 days');
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('anna');
select is(pg_temp.replace_error(), 'PT403 user_banned', 'a banned creator replaces nobody');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));
select tests.as_member('anna', format('select public.replace_helper(%L, ''Again.'')', id)) from t;
select is(pg_temp.totals('ben'), '2 0', 'a second acceptance may be a second no-show');
-- settings
select pg_temp.accept('cem', interval '2 days') from (select tests.offer_help('cem', id) from t) o;
update private.settings set replace_grace_hours = 0 where is_singleton;
select tests.authenticate_as('anna');
select is((public.replace_helper(id, 'No grace here.')).status, 'open', 'the grace period is a setting') from t;
select tests.reset_authentication();
select is(pg_temp.totals('cem'), '1 1', 'counted beside the late release');
select tests.books_are_right('everything still agrees');

-- held points stay held
update private.settings set reward_funding = 'creator' where is_singleton;
select ops.adjust_points(tests.get_supabase_uid('anna'), 50, 'For a task');
create temporary table h as select tests.task_in('assigned', 'anna', 'ben', 30) as id;
update private.tasks_under_way set expected_at = now() - interval '1 day' where task_id = (select id from h);
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from h;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna')), 20, 'points that the creator holds for the task stay held');
select tests.books_are_right('and the books balance');

-- an agreed start: the helper is expected then, and the grace period counts from it
update private.settings set reward_funding = default, replace_grace_hours = default where is_singleton;
create function pg_temp.timed(starts interval, ends interval, flexible boolean default false) returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  perform tests.authenticate_as('anna');
  select x.id into v_id from public.create_task('Join the move', 'Boxes.', 'transport', -48.8767, -123.3933, 10,
    starts_at => tests.iso(now() + starts), ends_at => tests.iso(now() + ends), is_flexible => flexible) x;
  perform tests.reset_authentication();
  return v_id;
end $$;
create temporary table s as select pg_temp.timed('5 days', '6 days') as fixed, pg_temp.timed('5 days', '6 days', true) as flexible, pg_temp.timed('5 days', '20 days') as long;
grant select on s to authenticated;
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('dora')));
select tests.offer_help(who, x) from s, unnest(array[fixed, flexible, long]) x, unnest('{dora,emil}'::text[]) who;
select tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on(x, 'emil'))) from s, unnest(array[fixed, flexible, long]) x;
select is((select expected_at from private.tasks_under_way join s on task_id = fixed), (select k.starts_at from public.tasks k join s on k.id = fixed), 'expected at the agreed start, not two days after the acceptance');
select tests.as_member('emil', format('select public.start_task(%L)', long)) from s;
select is((select expected_at from private.tasks_under_way join s on task_id = long), (select k.ends_at from public.tasks k join s on k.id = long), 'once begun, the end is awaited when it is to come');
-- time passes
update public.tasks k set starts_at = now() - interval '25 hours', ends_at = now() - interval '1 hour', assigned_at = now() - interval '3 days' from s where k.id in (fixed, flexible);
update public.task_offers o set terms_version = k.terms_version from public.tasks k, s where k.id = o.task_id and k.id in (fixed, flexible);
update private.tasks_under_way w set expected_at = now() - interval '25 hours' from s where w.task_id in (fixed, flexible);
delete from public.notifications where user_id = tests.get_supabase_uid('dora');
select tests.authenticate_as('anna');
select is((public.replace_helper(flexible, 'Nobody came.')).status, 'open', 'a flexible time stays as it is') from s;
select results_eq('select status::text, is_flexible from s, public.replace_helper(fixed, ''Nobody came.'') k', $$ values ('open', true) $$, 'a fixed one that has passed becomes flexible, or the task would end at once');
select results_eq('select status::text from s, public.replace_helper(fixed, ''Nobody came.'') k', $$ values ('open') $$, 'repeated, nothing changes');
select results_eq('select action::text from public.task_events join s on task_id = fixed order by task_events.id', $$ values ('created'), ('assigned'), ('updated'), ('replaced') $$, 'the history tells both, once');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on(fixed, 'dora'))), 'PT409 offer_outdated', 'who offered for a time that has passed is not held to another one') from s;
select tests.reset_authentication();
select results_eq($$ select type::text from public.notifications where user_id = tests.get_supabase_uid('dora') order by id $$, $$ values ('offer_revived'), ('task_changed') $$, 'and is asked to renew the offer');
select tests.books_are_right('the projection follows');
select tests.as_member('dora', format('select public.renew_offer(%L)', tests.offer_on(fixed, 'dora'))) from s;
select tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on(x, 'dora'))) from s, unnest(array[fixed, flexible]) x;
select is((select expected_at from private.tasks_under_way join s on task_id = fixed), now() + interval '2 days', 'with the start in the past, days after the acceptance count again');
select is((select status from public.tasks join s on id = fixed), 'assigned', 'the next helper may come');
-- stepping back from an agreed time
update public.tasks k set starts_at = now() + interval '24 hours' + interval '1 second', ends_at = null, assigned_at = now() - interval '3 days' from s where k.id = fixed;
update public.tasks k set starts_at = now() + interval '24 hours', ends_at = null, assigned_at = now() - interval '3 days' from s where k.id = flexible;
select tests.as_member('dora', format('select public.release_task(%L)', x)) from s, unnest(array[fixed, flexible]) x;
select results_eq($$ select task_id, kind::text from public.lapses where helper_id = tests.get_supabase_uid('dora') $$, $$ select flexible, 'late_release' from s $$, 'late is from a day before the start');
select tests.offer_help('dora', flexible) from s;
select tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on(flexible, 'dora'))) from s;
update public.tasks k set assigned_at = now() - interval '1 second', starts_at = now() + interval '1 hour' from s where k.id = flexible;
select tests.as_member('dora', format('select public.release_task(%L)', flexible)) from s;
select is(pg_temp.totals('dora'), '0 1', 'but whoever was accepted within that day may step back until the start');
select tests.books_are_right('and everything agrees');

select * from finish();
rollback;
