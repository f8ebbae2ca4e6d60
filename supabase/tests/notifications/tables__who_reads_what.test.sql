-- Inbox, choices and settings are their owner's; nobody writes them around the commands; and they go with the member.
begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.verify_email('anna');
create temporary table n as select tests.notify('anna', 'offer_received', 'ben') as annas, tests.notify('ben', 'offer_accepted', 'anna') as bens;
grant select on n to authenticated;
insert into private.push_subscriptions (user_id, endpoint, p256dh, auth) values (tests.get_supabase_uid('anna'), 'https://push.example/1', 'B', 'a');
select tests.authenticate_as('anna');
select public.set_notification_preference('task_started', 'email', true), public.update_notification_settings(digest => 'weekly');

select results_eq('select id from public.notifications', 'select annas from n', 'a member reads their own inbox');
select is((select count(*)::int from public.notification_preferences) || ' ' || (select count(*) from public.notification_settings), '1 1', 'choices and settings');
select throws_ok('update public.notifications set read_at = now()', '42501', 'permission denied for table notifications', 'and changes it by command only');
select throws_ok('delete from public.notifications', '42501', 'permission denied for table notifications', 'nor deletes');
select throws_ok('insert into public.notifications (user_id, type) values (tests.get_supabase_uid(''ben''), ''offer_received'')', '42501', 'permission denied for table notifications', 'nor tells others');
select throws_ok('delete from public.notification_preferences', '42501', 'permission denied for table notification_preferences', 'choices likewise');
select throws_ok('update public.notification_settings set is_email_enabled = false', '42501', 'permission denied for table notification_settings', 'settings likewise');
select throws_ok('select private.queue_notification(null)', '42501', null, 'nor calls what jobs call');
select throws_ok('select private.notification_texts(null)', '42501', null, 'nor what makes texts');
select throws_ok('select private.wants_notification(null, null, null)', '42501', null, 'nor asks what others want');
select tests.authenticate_as('ben');
select results_eq('select id from public.notifications', 'select bens from n', 'another member reads another inbox');
select is_empty('select user_id from public.notification_preferences union all select user_id from public.notification_settings', 'and nothing of the first one''s choices');
select tests.clear_authentication();
select throws_ok('select * from public.notifications', '42501', 'permission denied for table notifications', 'not signed in: nothing');
select throws_ok('select * from public.notification_preferences', '42501', 'permission denied for table notification_preferences', 'no choices');
select throws_ok('select * from public.notification_settings', '42501', 'permission denied for table notification_settings', 'no settings');
select tests.authenticate_as_service_role();
select throws_ok('update public.notifications set read_at = now()', '42501', 'permission denied for table notifications', 'the secret key writes nothing');
select throws_ok('select private.queue_notifications(now(), 1)', '42501', null, 'and runs the jobs through ops.run_due_jobs only');
select throws_ok('select * from ops.notification_outbox', '42501', null, 'the outbox is for Studio');

-- possible facts
select tests.reset_authentication();
select throws_ok(format('insert into private.notification_deliveries (user_id, notification_id, channel, kind, subscription_id, after_id, status) values (%L, %L, %L, %L, %L, %L, %L)',
  tests.get_supabase_uid('anna'), case when k = 'digest' then null else annas end, c, k, s, a, st), '23514', null, why)
from n, (values
  ('sms', 'single', null, null, 'pending', 'a channel is a known one'),
  ('email', 'single', null, null, 'lost', 'a status, too'),
  ('email', 'single', 1, null, 'pending', 'an e-mail goes to no device'),
  ('web_push', 'single', null, null, 'pending', 'a push goes to one'),
  ('web_push', 'digest', 1, 1, 'pending', 'a digest is an e-mail'),
  ('email', 'digest', null, null, 'pending', 'and says since when'),
  ('email', 'single', null, 1, 'pending', 'a single e-mail does not')) x (c, k, s, a, st, why);

-- erasure
select tests.reset_authentication();
select is((select failed from tests.run_jobs('notifications', now(), 1000) where job = 'queue_notifications'), 0, 'something is in the outbox');
insert into private.notification_deliveries (user_id, channel, kind, after_id) values (tests.get_supabase_uid('anna'), 'email', 'digest', 0);
select is((select count(*)::int from private.notification_deliveries where user_id = tests.get_supabase_uid('anna')), 2, 'a push and a digest');
delete from auth.users where id = tests.get_supabase_uid('anna');
select is_empty($$
  select user_id from public.notifications where user_id = tests.get_supabase_uid('anna')
  union all select user_id from public.notification_preferences where user_id = tests.get_supabase_uid('anna')
  union all select user_id from public.notification_settings where user_id = tests.get_supabase_uid('anna')
  union all select user_id from private.push_subscriptions where user_id = tests.get_supabase_uid('anna')
  union all select user_id from private.notification_deliveries where user_id = tests.get_supabase_uid('anna') $$, 'a deleted member leaves nothing of this');
select isnt_empty('select 1 from public.notifications where id = (select bens from n)', 'what others were told stays');
select is((select last_error from ops.notification_outbox limit 1), null, 'nothing failed');

select * from finish();
rollback;
