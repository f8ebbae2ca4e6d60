-- message_received: one for each conversation until it is read, without its words unless the member chose so.
begin;
select plan(27);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna', title => 'The hedge') as id;
create temporary table o as select 'ben' as helper, tests.offer_help('ben', id) as id from t union all select 'cem', tests.offer_help('cem', id) from t;
grant select on t, o to public;
select tests.as_member('anna', $$ select public.save_push_subscription('https://push.example/anna', 'B' || repeat('x', 86), repeat('y', 22)) $$);
-- whatever else the database holds is older work
select tests.run_jobs('notifications', now(), 100000);
select tests.clear_outbox();
delete from public.notifications where task_id = (select id from t);
create function pg_temp.told(member text) returns text language sql as $$
  select coalesce(string_agg(case when n.read_at is null then 'unread' else 'read' end, ' ' order by n.id), '') from public.notifications n
  where n.user_id = tests.get_supabase_uid(member) and n.type = 'message_received' $$;
create function pg_temp.say(sender text, helper text, body text default 'A secret word') returns bigint language sql as $$ select tests.send_message(sender, o.id, body) from o where o.helper = say.helper $$;
create function pg_temp.read(member text, helper text) returns void language sql as $$
  select tests.as_member(member, format('select public.mark_conversation_read(%L)', o.id)) from o where o.helper = read.helper $$;
-- what leaves now, by channel
create function pg_temp.sent() returns text language plpgsql as $$
declare
  v_sent text;
begin
  perform tests.run_jobs('notifications', now(), 1000);
  select string_agg((d ->> 'channel') || ': ' || (n ->> 'body'), '; ' order by d ->> 'channel', n ->> 'id') into v_sent
  from jsonb_array_elements(tests.as_service_role('select public.claim_notification_deliveries(50)')) d, jsonb_array_elements(d -> 'notifications') n;
  return coalesce(v_sent, '');
end $$;

-- once
select pg_temp.say('ben', 'ben') from generate_series(1, 3);
select is(pg_temp.told('anna'), 'unread', 'three messages, told once');
select is(pg_temp.told('ben'), '', 'not the sender');
select results_eq($$ select n.task_id, n.offer_id, n.actor_id from public.notifications n where n.type = 'message_received' and n.user_id = tests.get_supabase_uid('anna') $$, $$ select t.id, o.id, tests.get_supabase_uid('ben') from t, o where helper = 'ben' $$, 'about what and whom');
select pg_temp.say('cem', 'cem');
select is(pg_temp.told('anna'), 'unread unread', 'another conversation by itself');
select tests.authenticate_as('anna');
select results_eq($$ select l.title_de, l.title_en, l.body_de, l.body_en, l.offer_id from public.list_notifications(1) l $$,
  $$ select 'Neue Nachricht', 'New message', 'Cem hat dir zu „The hedge“ geschrieben.', 'Cem wrote to you about “The hedge”.', o.id from o where helper = 'cem' $$, 'the inbox has no words of it, but the way there');
select tests.reset_authentication();
select pg_temp.say('anna', 'ben');
select is(pg_temp.told('ben'), 'unread', 'the answer is told to the helper');

-- until it is read
select pg_temp.read('anna', 'ben');
select is(pg_temp.told('anna'), 'read unread', 'read: its notification, too');
select is(pg_temp.told('ben'), 'unread', 'the other side''s is not');
select pg_temp.say('ben', 'ben') from generate_series(1, 2);
select is(pg_temp.told('anna'), 'read unread unread', 'the next is told again, once');
select tests.as_member('anna', 'select public.mark_notifications_read()');
select pg_temp.say('ben', 'ben');
select is(pg_temp.told('anna'), 'read read read', 'read in the inbox alone: not told anew before the conversation is read');

-- what leaves: no words
select pg_temp.read('anna', 'ben'), pg_temp.read('anna', 'cem');
select tests.clear_outbox();
select pg_temp.say('ben', 'ben', 'A secret word');
select is(pg_temp.sent(), 'email: Ben hat dir zu „The hedge“ geschrieben.; web_push: Ben hat dir zu „The hedge“ geschrieben.', 'an e-mail and a push, without its words');
-- with words, by the reader's choice and not the sender's
select pg_temp.read('anna', 'ben');
select tests.clear_outbox();
select tests.as_member('ben', 'select public.update_message_settings(show_text => true)');
select pg_temp.say('ben', 'ben', 'A secret word');
select unalike(pg_temp.sent(), '%secret%', 'the sender''s choice is about the sender''s own');
select pg_temp.read('anna', 'ben');
select tests.clear_outbox();
select tests.as_member('anna', 'select public.update_message_settings(show_text => true)');
select pg_temp.say('ben', 'ben', 'First <b>words</b>'), pg_temp.say('ben', 'ben', 'Second words');
select is(pg_temp.sent(), 'email: First <b>words</b>; web_push: First <b>words</b>', 'the member chose to have the words');
select tests.authenticate_as('anna');
select alike((select l.body_en from public.list_notifications(1) l), 'Ben wrote%', 'the inbox never has them');
select tests.reset_authentication();

-- what is over is not sent
select pg_temp.read('anna', 'ben');
select tests.clear_outbox();
select pg_temp.say('ben', 'ben');
select tests.run_jobs('notifications', now(), 1000);
select pg_temp.read('anna', 'ben');
select is(pg_temp.sent(), '', 'read meanwhile');
select tests.clear_outbox();
create temporary table d as select pg_temp.say('ben', 'ben', 'Sorry') as id;
select tests.run_jobs('notifications', now(), 1000);
select tests.as_member('ben', format('select public.delete_message(%L, %s)', o.id, d.id)) from o, d where helper = 'ben';
select is(pg_temp.sent(), '', 'deleted meanwhile');
select is((select count(*)::int from private.notification_deliveries), 0, 'nothing waits');
select pg_temp.read('anna', 'ben');
select pg_temp.say('ben', 'ben');
select tests.run_jobs('notifications', now(), 1000);
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.sent(), '', 'blocked meanwhile');
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));

-- quiet hours hold
select pg_temp.read('anna', 'ben');
select tests.clear_outbox();
select tests.as_member('anna', format('select public.update_notification_settings(quiet_from => %L, quiet_until => %L)',
  to_char(now() at time zone 'Europe/Berlin' - interval '1 hour', 'HH24:MI'), to_char(now() at time zone 'Europe/Berlin' + interval '1 hour', 'HH24:MI')));
select pg_temp.say('ben', 'ben');
select is(pg_temp.sent(), '', 'nothing leaves in quiet hours');
select cmp_ok((select min(next_attempt_at) from private.notification_deliveries), '>', now() + interval '58 minutes', 'it waits for their end');
select tests.as_member('anna', 'select public.update_notification_settings(remove_quiet_hours => true)');

-- switched off
select pg_temp.read('anna', 'ben');
select tests.clear_outbox();
select tests.as_member('anna', $$ select public.set_notification_preference('message_received', c, false) from unnest('{email,web_push}'::text[]) c $$);
select pg_temp.say('ben', 'ben');
select is(pg_temp.sent(), '', 'switched off: nothing leaves');
select is(pg_temp.told('anna') like '%unread', true, 'the inbox has it');

-- whoever left is told nothing
select pg_temp.read('anna', 'ben');
delete from auth.users where id = tests.get_supabase_uid('anna');
select is(pg_temp.told('anna'), '', 'the inbox goes');
select is(pg_temp.told('ben'), 'unread', 'the other side''s stays');
select is((select l.body_en from tests.authenticate_as('ben') a, public.list_notifications() l where l.type = 'message_received'), 'A member wrote to you about “Deleted task”.', 'without a name');
select tests.reset_authentication();
select isnt_empty($$ select from private.messages where sender_id = tests.get_supabase_uid('ben') and body is not null $$, 'and so do ben''s own words');
select tests.books_are_right();

select * from finish();
rollback;
