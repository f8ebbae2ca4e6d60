-- Where Supabase Realtime is: a new notification is sent to the member's private topic, which nobody else may hear.
begin;
select plan(17);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select is(tests.prepare_realtime(), 'prepared', 'a database with Realtime is prepared');
select is(tests.prepare_realtime(), 'prepared', 'again, which changes nothing');
select results_eq($$ select (policyname || ' ' || cmd || ' ' || roles::text) collate "default" from pg_policies where schemaname = 'realtime' $$,
  array['members_hear_their_own_topics SELECT {authenticated}'], 'one policy, for hearing only');

create temporary table t as select tests.post_task('anna', 10, 'A secret title') as id;
select tests.offer_help('ben', id) from t;
select results_eq($$ select topic, extension, event, private, payload - '{id,type}'::text[], payload ->> 'type' from realtime.messages where topic = 'user:' || tests.get_supabase_uid('anna') $$,
  $$ values ('user:' || tests.get_supabase_uid('anna'), 'broadcast', 'notification', true, '{}'::jsonb, 'offer_received') $$, 'the offer is broadcast to its receiver: that it is there, not what it says');
select is((select (payload ->> 'id')::bigint from realtime.messages where topic = 'user:' || tests.get_supabase_uid('anna')),
  (select max(id) from public.notifications where user_id = tests.get_supabase_uid('anna')), 'with its id');
select is((select count(*)::int from realtime.messages where topic = 'user:' || tests.get_supabase_uid('ben')), 0, 'to nobody else');

-- Realtime asks the policy as the member, with the topic they want to join
create function pg_temp.hears(member text, topic text) returns integer language plpgsql as $$
declare
  v_count integer;
begin
  perform tests.authenticate_as(member);
  perform set_config('realtime.topic', topic, true);
  select count(*) into v_count from realtime.messages;
  perform tests.reset_authentication();
  return v_count;
end $$;
select is(pg_temp.hears('anna', 'user:' || tests.get_supabase_uid('anna')), 1, 'a member may join their own topic');
select is(pg_temp.hears('ben', 'user:' || tests.get_supabase_uid('anna')), 0, 'nobody else''s');
select is(pg_temp.hears('anna', 'user:%'), 0, 'no pattern');
select is(pg_temp.hears('anna', 'USER:' || upper(tests.get_supabase_uid('anna')::text)), 0, 'no other way of writing it');
select is(pg_temp.hears('anna', ''), 0, 'nor none');
select tests.act_as('authenticated', '{"role": "authenticated"}');
select set_config('realtime.topic', 'user:', true);
select is_empty('select * from realtime.messages', 'without member there is nothing to join');
select tests.clear_authentication();
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('anna'), true);
select is_empty('select * from realtime.messages', 'nor without being signed in');
select tests.authenticate_as('anna');
select throws_ok($$ insert into realtime.messages (topic, extension, event) values ('user:' || tests.get_supabase_uid('anna'), 'broadcast', 'notification') $$,
  '42501', 'new row violates row-level security policy for table "messages"', 'nobody sends on it but the database');
select tests.reset_authentication();
insert into realtime.messages (topic, extension) values ('user:' || tests.get_supabase_uid('anna'), 'presence');
select is(pg_temp.hears('anna', 'user:' || tests.get_supabase_uid('anna')), 1, 'presence is not offered');

-- trouble in Realtime is not the member's; where Realtime itself is, its partitions are not ours to drop
drop table if exists realtime.messages_all;
select lives_ok($$ select tests.task_in('pending_confirmation', 'anna', 'ben') $$, 'when Realtime cannot take it, the command succeeds all the same');
select is((select count(*)::int from tests.inbox('anna') i where i = 'task_finished'), 1, 'and the inbox has it');

select * from finish();
rollback;
