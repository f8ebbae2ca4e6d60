-- set_notification_preference, update_notification_settings, unsubscribe_notifications: what members want to be told, and when.
begin;
select plan(62);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.wants(member text, type text) returns text language sql as $$
  select string_agg(c, ' ' order by c) from unnest('{email,in_app,web_push}'::text[]) c where private.wants_notification(tests.get_supabase_uid(member), type, c)
$$;

-- defaults
select is(pg_temp.wants('anna', 'offer_received'), 'email in_app web_push', 'by default: what matters comes by e-mail, too');
select is(pg_temp.wants('anna', 'task_started'), 'in_app web_push', 'the rest does not');
select is(pg_temp.wants('anna', 'no such type'), null, 'nobody wants what there is not');
update public.notification_types set web_push_default = false, in_app_default = false, email_default = true where type = 'task_started';
select is(pg_temp.wants('anna', 'task_started'), 'email', 'admins change defaults');

-- anna
select tests.authenticate_as('anna');
select results_eq($$ select user_id, type::text, channel::text, is_enabled from public.set_notification_preference('offer_received', 'email', false) $$,
  $$ values (tests.get_supabase_uid('anna'), 'offer_received', 'email', false) $$, 'the choice is returned');
select results_eq($$ select user_id, type::text, channel::text, is_enabled from public.set_notification_preference('task_started', 'in_app', true) $$,
  $$ values (tests.get_supabase_uid('anna'), 'task_started', 'in_app', true) $$, 'another');
select results_eq('select type::text, channel::text, is_enabled from public.notification_preferences order by type',
  $$ values ('offer_received', 'email', false), ('task_started', 'in_app', true) $$, 'both are kept');
select tests.reset_authentication();
select is(pg_temp.wants('anna', 'offer_received') || ', ' || pg_temp.wants('anna', 'task_started'), 'in_app web_push, email in_app', 'and hold');
select is(pg_temp.wants('ben', 'offer_received'), 'email in_app web_push', 'for nobody else');
select tests.authenticate_as('anna');
select results_eq($$ select is_enabled from public.set_notification_preference('offer_received', 'email', true) $$, array[true], 'changed');
select results_eq($$ select is_enabled from public.set_notification_preference('offer_received', 'email', null) $$, array[true], 'null: back to the default, which is returned');
select results_eq($$ select is_enabled from public.set_notification_preference('task_started', 'web_push', null) $$, array[false], 'also where there was no choice');
select results_eq('select type::text from public.notification_preferences', array['task_started'], 'and nothing is kept');
select throws_ok($$ select public.set_notification_preference('no such type', 'email', true) $$, 'PT400', 'notification_type_not_found', 'an unknown type is refused');
select throws_ok($$ select public.set_notification_preference(null, 'email', true) $$, 'PT400', 'notification_type_not_found', 'so is none');
select throws_ok($$ select public.set_notification_preference('offer_received', 'sms', true) $$, 'PT400', 'channel_invalid', 'so is an unknown channel');
select throws_ok($$ select public.set_notification_preference('offer_received', null, true) $$, 'PT400', 'channel_invalid', 'and none');

-- settings
select is_empty('select * from public.notification_settings', 'no settings before the first change');
select results_eq('select quiet_from, quiet_until, digest::text, is_email_enabled, is_web_push_enabled, next_digest_at from public.update_notification_settings()',
  $$ values (null::time, null::time, 'none', true, true, null::timestamptz) $$, 'changing nothing gives the defaults');
select results_eq($$ select quiet_from, quiet_until, digest::text from public.update_notification_settings('22:00', '07:30') $$, $$ values (time '22:00', time '07:30', 'none') $$, 'quiet hours over midnight');
select results_eq($$ select quiet_from, quiet_until from public.update_notification_settings(quiet_until => '06:00', is_web_push_enabled => false) $$, $$ values (time '22:00', time '06:00') $$, 'null leaves as it is');
select results_eq($$ select is_email_enabled, is_web_push_enabled from public.notification_settings $$, $$ values (true, false) $$, 'one channel off');
select throws_ok($$ select public.update_notification_settings('06:00') $$, 'PT400', 'quiet_hours_invalid', 'an empty span is refused');
select throws_ok($$ select public.update_notification_settings('24:00') $$, 'PT400', 'quiet_hours_invalid', 'so is 24 o''clock');
select is_empty($$ select typed, result from unnest(array['allballs', 'now', 'noon', '10pm', '10 PM', '2200', '22', '9:00', '22:60', '22:00:60', '22:00:00.5', '22:00+02', '2026-01-01T22:00:00Z', '', ' 22:00', '22:00 ', '٢٢:٠٠', 'null']) typed,
  tests.error_of(format('select public.update_notification_settings(%L)', typed)) result where result <> 'PT400 quiet_hours_invalid' $$, 'and every other spelling of a time');
select results_eq($$ select quiet_from, quiet_until from public.update_notification_settings('01:00', '02:00', remove_quiet_hours => true) $$, 'select null::time, null::time', 'removed');
select throws_ok($$ select public.update_notification_settings('06:00') $$, 'PT400', 'quiet_hours_invalid', 'one end alone is refused');
select throws_ok($$ select public.update_notification_settings(digest => 'daily') $$, 'PT400', 'digest_invalid', 'an unknown digest is refused');
select is((select quiet_from from public.notification_settings), null, 'what was refused changed nothing');

-- the digest has a date: Monday, 8 o'clock, where the member lives
select ok((select next_digest_at > now() and next_digest_at <= now() + interval '7 days 2 hours' and extract(isodow from next_digest_at at time zone 'Europe/Berlin') = 1
    and (next_digest_at at time zone 'Europe/Berlin')::time = '08:00' from public.update_notification_settings(digest => 'weekly')), 'the next Monday at 8');
select is((select s.next_digest_at is null from public.update_notification_settings(digest => 'none') s), true, 'none: no date');

-- who else may
select tests.clear_authentication();
select throws_ok($$ select public.set_notification_preference('offer_received', 'email', true) $$, '42501', 'permission denied for function set_notification_preference', 'not signed in: no preference');
select throws_ok('select public.update_notification_settings()', '42501', 'permission denied for function update_notification_settings', 'no settings');
select tests.act_as('authenticated', '{"sub": "00000000-0000-4000-8000-00000000dead"}');
select throws_ok($$ select public.set_notification_preference('offer_received', 'email', true) $$, 'PT401', 'not_signed_in', 'nor without member');
select throws_ok('select public.update_notification_settings()', 'PT401', 'not_signed_in', 'nor settings');
select tests.authenticate_as('ben');
select is_empty('select * from public.notification_preferences', 'others'' choices are not to be read');
select is_empty('select * from public.notification_settings', 'nor settings');
select throws_ok('update public.notification_preferences set is_enabled = false', '42501', 'permission denied for table notification_preferences', 'nor written around the command');
select throws_ok('insert into public.notification_settings (user_id) values (tests.get_supabase_uid(''ben''))', '42501', 'permission denied for table notification_settings', 'nor settings');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select lives_ok($$ select public.set_notification_preference('offer_received', 'email', false), public.update_notification_settings(is_email_enabled => false) $$, 'a banned member may still ask for silence');

-- the link in an e-mail
select throws_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email') $$, '42501', 'permission denied for function unsubscribe_notifications', 'members have no use for the link''s command');
select tests.authenticate_as('anna');
select public.update_notification_settings('22:00', '07:30', 'weekly', is_web_push_enabled => true);
select tests.authenticate_as_service_role();
select lives_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email', 'offer_received') $$, 'one type');
select lives_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email', 'offer_received') $$, 'again');
select tests.reset_authentication();
select is(pg_temp.wants('anna', 'offer_received') || ', ' || pg_temp.wants('anna', 'offer_accepted'), 'in_app web_push, email in_app web_push', 'is off, by e-mail');
select tests.authenticate_as_service_role();
select lives_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email') $$, 'all e-mails');
select lives_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email', null) $$, 'again');
select tests.reset_authentication();
select is(pg_temp.wants('anna', 'offer_accepted'), 'in_app web_push', 'are off');
select results_eq($$ select digest::text, next_digest_at, quiet_from, is_web_push_enabled from public.notification_settings where user_id = tests.get_supabase_uid('anna') $$,
  $$ values ('none', null::timestamptz, time '22:00', true) $$, 'the digest, too; nothing else');
select tests.authenticate_as_service_role();
select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'web_push');
select tests.reset_authentication();
select is(pg_temp.wants('anna', 'offer_accepted'), 'in_app', 'pushes likewise');
select tests.create_supabase_user('cem');
select tests.authenticate_as_service_role();
select public.unsubscribe_notifications(tests.get_supabase_uid('cem'), 'web_push');
select tests.reset_authentication();
select is(pg_temp.wants('cem', 'offer_accepted'), 'email in_app', 'also before there were settings; e-mails stay');
select tests.authenticate_as_service_role();
select public.unsubscribe_notifications(tests.get_supabase_uid('ben'), 'web_push');
select tests.reset_authentication();
select is(pg_temp.wants('ben', 'offer_accepted'), 'in_app', 'banned members are heard');
select tests.authenticate_as_service_role();
select throws_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'sms') $$, 'PT400', 'channel_invalid', 'an unknown channel is refused');
select throws_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'in_app') $$, 'PT400', 'notification_type_not_found', 'the inbox as a whole cannot be switched off');
select throws_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('anna'), 'email', 'x') $$, 'PT400', 'notification_type_not_found', 'nor what there is not');
select throws_ok($$ select ops.retry_notification_deliveries('sms') $$, 'PT400', 'channel_invalid', 'nor does an admin send again over it');
select lives_ok($$ select public.unsubscribe_notifications('00000000-0000-4000-8000-00000000dead', 'email') $$, 'somebody who never was: nothing');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('cem');
select tests.authenticate_as_service_role();
select lives_ok($$ select public.unsubscribe_notifications(tests.get_supabase_uid('cem'), 'email'), public.unsubscribe_notifications(tests.get_supabase_uid('cem'), 'email', 'offer_received') $$, 'somebody who left: nothing');
select tests.reset_authentication();
select is_empty($$ select user_id from public.notification_settings where user_id = tests.get_supabase_uid('cem') union all
  select user_id from public.notification_preferences where user_id = tests.get_supabase_uid('cem') $$, 'and nothing is kept of them');

-- possible facts
select throws_ok($$ update public.notification_settings set quiet_until = null $$, '23514', null, 'quiet hours have two ends');
select throws_ok($$ update public.notification_settings set digest = 'weekly' $$, '23514', null, 'a digest has a date');
select throws_ok($$ update public.notification_settings set digest = 'daily', next_digest_at = now() $$, '23514', null, 'and is a known one');
select throws_ok($$ insert into public.notification_preferences values (tests.get_supabase_uid('anna'), 'offer_received', 'sms', true) $$, '23514', null, 'a channel is a known one');

select * from finish();
rollback;
